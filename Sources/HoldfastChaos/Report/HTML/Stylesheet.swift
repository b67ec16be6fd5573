/// The report's style: one sheet for light, dark, narrow and printed pages.
enum Stylesheet {
    static let css = """
        :root { color-scheme: light dark; --page:#f6f7f9; --card:#fff; --ink:#1b2330; --soft:#5b6675; --rule:#dfe3e9; --grid:#e8ebf0;
          --good:#15795a; --good-ground:#e2f3ec; --bad:#b3292e; --bad-ground:#fbe6e6; --warn:#8a5a00; --warn-ground:#fdf0d4;
          --shade:rgba(200,60,60,.10); --fault:#d9787a; --phase:#cfd8e6; --gate:#b4c9ec; --faint:#e6e9ee;
          --success:#3f7fd4; --fallback:#3fb39a; --rejected:#eab540; --timeout:#e58238; --error:#cb4345; --cancelled:#9aa3ae;
          --indeterminate:#9a6fc4; --dropped:#39414d; --closed:#8fc9ae; --open:#dd6f70; --halfOpen:#f0c35a;
          --l1:#9fbfe9; --l2:#5f94db; --l3:#2b62b3; --l4:#8d97a5; --s0:#3f7fd4; --s1:#cb4345; --s2:#2f9e87; --s3:#9a6fc4; }
        @media (prefers-color-scheme: dark) { :root { --page:#12161d; --card:#1a2029; --ink:#e6eaf0; --soft:#9aa6b5; --rule:#2e3642;
          --grid:#262d38; --good:#5fcf9f; --good-ground:#153328; --bad:#ff8b8b; --bad-ground:#3d1d20; --warn:#f2c464; --warn-ground:#3a2d12;
          --shade:rgba(255,110,110,.12); --fault:#a84a4d; --phase:#3a4658; --gate:#33507f; --faint:#272e39;
          --success:#5b96e6; --fallback:#45b79f; --rejected:#d9a53a; --timeout:#dd7f3b; --error:#d95b5d; --cancelled:#7b8594;
          --indeterminate:#a782d1; --dropped:#c9d0da; --closed:#2f7657; --open:#a8474a; --halfOpen:#a27c22;
          --l1:#54749f; --l2:#5f9bef; --l3:#a9cbfa; --l4:#7d8898; --s0:#5b96e6; --s1:#e16f71; --s2:#45b79f; --s3:#b08de0; } }
        * { box-sizing: border-box; }
        body { margin:0; background:var(--page); color:var(--ink); font:.94rem/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif; }
        main { max-width:1280px; margin:0 auto; padding:24px 20px 48px; }
        h1 { font-size:1.5rem; line-height:1.25; margin:.35rem 0 .4rem; text-wrap:balance; }
        h2 { font-size:1.15rem; margin:0 0 .3rem; } h3 { font-size:.86rem; margin:1.3rem 0 .3rem; font-weight:600; }
        h3 small { font-weight:400; color:var(--soft); margin-left:.4em; }
        p { margin:.3rem 0; } .soft { color:var(--soft); } code { font:.87em ui-monospace,"SF Mono",Menlo,Consolas,monospace; }
        .verdict { display:inline-block; font-weight:700; padding:.22em .8em; border-radius:99px; font-size:.82rem; letter-spacing:.05em; text-transform:uppercase; }
        .passed { color:var(--good); background:var(--good-ground); } .failed,.aborted { color:var(--bad); background:var(--bad-ground); }
        .notStarted,.skipped { color:var(--warn); background:var(--warn-ground); }
        .replay { display:block; background:var(--card); border:1px solid var(--rule); border-radius:8px; padding:.55em .8em; margin:.8rem 0 0;
          overflow-x:auto; white-space:pre; } .replay::before { content:"$ "; color:var(--soft); user-select:none; }
        .variants { display:grid; grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr)); gap:18px; margin-top:20px; align-items:start; }
        .variants:has(> :nth-child(3):last-child) { grid-template-columns:repeat(auto-fit,minmax(min(100%,370px),1fr)); }
        .card { background:var(--card); border:1px solid var(--rule); border-radius:12px; padding:18px 20px; min-width:0; }
        .card > header { display:flex; gap:.6em; align-items:center; justify-content:space-between; flex-wrap:wrap; }
        table { border-collapse:collapse; width:100%; font-size:.84rem; } .scroll { overflow-x:auto; }
        th { text-align:left; font-weight:500; color:var(--soft); } th,td { padding:.32em .5em .32em 0; border-bottom:1px solid var(--rule); vertical-align:top; }
        td.number, th.number { text-align:right; font-variant-numeric:tabular-nums; white-space:nowrap; }
        .mark { font-weight:700; width:1.4em; } .yes { color:var(--good); } .no { color:var(--bad); }
        .tag { font-size:.74rem; color:var(--soft); border:1px solid var(--rule); border-radius:5px; padding:0 .4em; white-space:nowrap; }
        .assertions td { overflow-wrap:anywhere; } .assertions td.number { overflow-wrap:normal; } .assertions b { font-weight:600; }
        .legend { display:flex; flex-wrap:wrap; gap:.15em 1em; font-size:.78rem; color:var(--soft); margin:.1rem 0; }
        .legend i { display:inline-block; width:.75em; height:.75em; border-radius:2px; margin-right:.4em; vertical-align:-.05em; }
        svg { display:block; width:100%; height:auto; overflow:visible; }
        svg text { font-family:inherit; font-size:11px; fill:var(--soft); } .middle { text-anchor:middle; } .end { text-anchor:end; }
        svg text.inside { fill:var(--ink); } svg text.beside { fill:var(--ink); } svg text.series { font-weight:600; } svg text.tiny { font-size:9px; }
        .grid { stroke:var(--grid); } .axis { stroke:var(--soft); stroke-opacity:.6; } .border { stroke:var(--soft); stroke-opacity:.45; stroke-dasharray:2 3; } .reload { stroke:var(--l3); stroke-width:1.4; stroke-dasharray:6 3; } svg rect.reload { fill:var(--l3); stroke:none; }
        .shade { fill:var(--shade); } .phase { fill:var(--phase); } .gate { fill:var(--gate); } .unmeasured { fill:var(--faint); } .fault { fill:var(--fault); }
        .hover { fill:transparent; } .hover:hover { fill:var(--ink); fill-opacity:.07; }
        .q-waiting { --c:var(--timeout); } .q-busy { --c:var(--success); } .q-limit { --c:var(--soft); stroke-dasharray:5 3; } svg .q-waiting, svg .q-busy, svg .q-limit { stroke:var(--c); } i.q-waiting, i.q-busy, i.q-limit { background:var(--c); }
        .bound { stroke:var(--bad); stroke-width:1.6; stroke-dasharray:4 3; } .differs td { background:var(--warn-ground); } .wide { margin-top:20px; } .tight { margin-top:0; gap:0 28px; grid-template-columns:repeat(auto-fit,minmax(min(100%,360px),1fr)); } .card .replay { white-space:pre-wrap; overflow-wrap:anywhere; }
        .claim { border-top:1px solid var(--rule); padding:.5em 0; }
        .line { fill:none; stroke-width:1.8; stroke-linejoin:round; stroke-linecap:round; } circle.dot { stroke:none; }
        .l-p50 { stroke:var(--l1); } .l-p90 { stroke:var(--l2); } .l-p99 { stroke:var(--l3); } .l-max { stroke:var(--l4); stroke-dasharray:1 3.5; }
        svg text.l-p50 { fill:var(--l1); stroke:none; } svg text.l-p90 { fill:var(--l2); stroke:none; }
        svg text.l-p99 { fill:var(--l3); stroke:none; } svg text.l-max { fill:var(--l4); stroke:none; }
        circle.l-p50 { fill:var(--l1); } circle.l-p90 { fill:var(--l2); } circle.l-p99 { fill:var(--l3); } circle.l-max { fill:var(--l4); }
        .l-attempts { stroke:var(--l3); } circle.l-attempts { fill:var(--l3); }
        .s-0 { stroke:var(--s0); background:var(--s0); } .s-1 { stroke:var(--s1); background:var(--s1); }
        .s-2 { stroke:var(--s2); background:var(--s2); } .s-3 { stroke:var(--s3); background:var(--s3); }
        .o-success { fill:var(--success); background:var(--success); } .o-fallback { fill:var(--fallback); background:var(--fallback); }
        .o-rejected { fill:var(--rejected); background:var(--rejected); } .o-timeout { fill:var(--timeout); background:var(--timeout); }
        .o-error { fill:var(--error); background:var(--error); } .o-cancelled { fill:var(--cancelled); background:var(--cancelled); }
        .o-indeterminate { fill:var(--indeterminate); background:var(--indeterminate); } .o-loadDropped { fill:var(--dropped); background:var(--dropped); }
        .b-closed { fill:var(--closed); background:var(--closed); } .b-open { fill:var(--open); background:var(--open); }
        .b-halfOpen { fill:var(--halfOpen); background:var(--halfOpen); }
        .b-isolated,.b-disabled,.b-observing { fill:var(--cancelled); background:var(--cancelled); }
        .panels > * { break-inside:avoid; } .panels h3, .panels .legend { break-after:avoid; }
        @media (min-width:900px) { .panels:only-child { columns:2; column-gap:36px; } .panels:only-child h2 { column-span:all; }
          .panels:only-child h3:first-of-type { margin-top:0; } }
        @media (max-width:560px) { main { padding:14px 10px 32px; } .card { padding:14px 12px; } h1 { font-size:1.25rem; }
          .replay { white-space:pre-wrap; overflow-wrap:anywhere; } }
        .card { container-type:inline-size; }
        @container (max-width:450px) { svg text { font-size:15px; } svg text.tiny { font-size:11px; } svg text.series { font-size:12px; }
          table { font-size:.76rem; } th,td { padding-right:.35em; }
          .assertions tr { display:grid; grid-template-columns:1.5em 1fr auto; border-bottom:1px solid var(--rule); padding:.3em 0; }
          .assertions tr:first-child { display:none; } .assertions td { border:0; padding:0; } .assertions td:nth-child(3) { grid-area:2/2/3/4; }
          .assertions td:nth-child(4) { grid-area:1/3/2/4; } }
        @media print { :root { --page:#fff; font-size:9.5px; } body { -webkit-print-color-adjust:exact; print-color-adjust:exact; }
          main { max-width:none; padding:0; } .card { padding:10px; border-color:#bbb; } svg,tr { break-inside:avoid; } h2,h3,.legend { break-after:avoid; }
          .scroll { overflow:visible; } svg text { font-size:12px; }
          .variants { grid-template-columns:1fr 1fr; gap:10px; } .replay { white-space:pre-wrap; } }
        """
}

/// How pages look, by day and by night.
package enum AdminStyle {
    package static let css = """
        :root { color-scheme: light dark; --page:#f6f7f9; --card:#fff; --ink:#1b2330; --soft:#5b6675; --rule:#dfe3e9;
          --good:#15795a; --good-ground:#e2f3ec; --bad:#b3292e; --bad-ground:#fbe6e6; --warn:#8a5a00; --warn-ground:#fdf0d4; --faint:#eceff3; }
        @media (prefers-color-scheme: dark) { :root { --page:#12161d; --card:#1a2029; --ink:#e6eaf0; --soft:#9aa6b5; --rule:#2e3642;
          --good:#5fcf9f; --good-ground:#153328; --bad:#ff8b8b; --bad-ground:#3d1d20; --warn:#f2c464; --warn-ground:#3a2d12; --faint:#272e39; } }
        * { box-sizing: border-box; }
        body { margin:0; background:var(--page); color:var(--ink); font:.94rem/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif; }
        main { max-width:1080px; margin:0 auto; padding:24px 20px 48px; }
        header { display:flex; flex-wrap:wrap; align-items:center; gap:.4em 1em; }
        h1 { font-size:1.5rem; margin:0; } h2 { font-size:1.1rem; margin:0; }
        form { margin-left:auto; display:flex; gap:.5em; align-items:center; color:var(--soft); font-size:.84rem; }
        input { font:inherit; color:var(--ink); background:var(--card); border:1px solid var(--rule); border-radius:6px; padding:.3em .6em; width:15em; }
        .card { background:var(--card); border:1px solid var(--rule); border-radius:12px; padding:16px 18px; margin-top:16px; }
        .soft { color:var(--soft); font-size:.84rem; margin:.15rem 0 0; overflow-wrap:anywhere; } .failure { color:var(--bad); white-space:pre-wrap; } .failure:empty { display:none; }
        .pill { font-size:.76rem; font-weight:700; padding:.15em .7em; border-radius:99px; background:var(--faint); color:var(--soft); white-space:nowrap; }
        .good { color:var(--good); background:var(--good-ground); } .bad { color:var(--bad); background:var(--bad-ground); }
        .warn { color:var(--warn); background:var(--warn-ground); }
        .element { display:grid; grid-template-columns:13em 1fr auto; gap:.2em 1em; border-top:1px solid var(--rule); padding:.6em 0; margin-top:.6em; }
        .element b { font-weight:600; overflow-wrap:anywhere; } .element .what { min-width:0; overflow-wrap:anywhere; }
        .figures { color:var(--soft); font-size:.8rem; font-variant-numeric:tabular-nums; }
        .actions { display:flex; flex-wrap:wrap; gap:.3em; align-content:flex-start; justify-content:flex-end; max-width:19em; }
        button, select { font:inherit; font-size:.8rem; color:var(--ink); background:var(--faint); border:1px solid var(--rule); border-radius:6px; padding:.2em .7em; }
        button:enabled:hover { border-color:var(--soft); cursor:pointer; } button:disabled { opacity:.45; }
        :focus-visible { outline:2px solid var(--good); outline-offset:1px; }
        #message { min-height:1.4em; margin:.5rem 0 0; font-size:.86rem; color:var(--soft); } #message.bad { color:var(--bad); background:none; }
        @media (max-width:720px) { .element { grid-template-columns:1fr; } .actions { justify-content:flex-start; max-width:none; } form { margin-left:0; } }
        """
}

import HoldfastAdmin

/// The page of `serve echo --demo`.
enum DemoPage {
    static var answer: AdminAnswer {
        let page = WebPage(
            title: "Echo", style: AdminStyle.css + "\n" + style, content: content, script: WebScript.tools + DemoScript.javaScript)
        return page.answer
    }

    private static let content = """
        <main>
        <header><h1>Echo</h1><span id="status" class="pill">…</span></header>
        <p class="soft">What you type goes over a WebSocket to the gateway, past your quota and the circuit breaker, to the Echo service behind it.</p>
        <noscript><p>This page needs JavaScript.</p></noscript>
        <div class="columns">
        <section class="card talk"><h2>Talk</h2>
        <ol id="log" role="log" aria-label="Messages" tabindex="0"></ol>
        <form id="talk"><label for="text" class="unseen">Message</label>
        <input id="text" autocomplete="off" maxlength="500" placeholder="Say something"><button>Send</button></form>
        <p id="line" class="soft" role="status"></p></section>
        <div>
        <section class="card"><h2>Backend <span id="backend" class="pill">…</span></h2>
        <p class="soft">The Echo service. Broken, it fails every call until it is mended.</p>
        <div class="buttons"><button id="break">Break the backend</button><button id="mend">Mend it</button></div></section>
        <section class="card"><h2>Circuit breaker <span id="breaker" class="pill">…</span></h2>
        <p id="explanation" class="soft"></p>
        <div id="history" role="img" aria-label="The breaker during the last minute"></div></section>
        <section class="card"><h2>Quota</h2><div id="quotas"></div>
        <div class="buttons"><button id="burst">Send 20 requests</button></div><p id="outcome" class="soft" role="status"></p></section>
        </div></div>
        <section class="card"><h2>In the way of a message</h2><div id="elements"></div></section>
        </main>
        """

    private static let style = """
        h2 { display:flex; flex-wrap:wrap; align-items:center; gap:.3em .7em; }
        .columns { display:grid; grid-template-columns:minmax(0,1fr) minmax(0,1fr); gap:0 16px; }
        .columns > .card { display:flex; flex-direction:column; }
        .unseen { position:absolute; width:1px; height:1px; overflow:hidden; clip-path:inset(50%); }
        #log { list-style:none; margin:.6em 0; padding:0; flex:1 1 0; min-height:16em; overflow-y:auto; }
        #log li { display:flex; flex-wrap:wrap; gap:.1em .8em; align-items:baseline; padding:.25em 0; overflow-wrap:anywhere; }
        #log .echo { margin-left:auto; text-align:right; } #log .soft { margin-top:0; } #log .pill { white-space:normal; border-radius:10px; }
        #log .note { justify-content:center; color:var(--soft); font-size:.8rem; text-align:center; }
        #talk { margin:0; } #text { flex:1; width:auto; min-width:0; font-size:1rem; padding:.45em .7em; } #line { min-height:1.4em; }
        .buttons { display:flex; flex-wrap:wrap; gap:.5em; margin-top:.7em; }
        #talk button, .buttons button { font-size:.9rem; padding:.4em .9em; }
        #break:enabled { color:var(--bad); background:var(--bad-ground); } #mend:enabled { color:var(--good); background:var(--good-ground); }
        #explanation { min-height:2.6em; }
        #history { display:flex; height:14px; margin-top:.6em; border-radius:4px; overflow:hidden; background:var(--faint); }
        #history i { flex:1; } #history .good { background:var(--good); opacity:.55; } #history .bad { background:var(--bad); }
        #history .warn { background:var(--warn); }
        .quota { display:grid; grid-template-columns:1fr auto; gap:.1em 1em; margin-top:.6em; font-size:.86rem; }
        .bar { grid-column:1/-1; height:8px; border-radius:4px; background:var(--faint); overflow:hidden; }
        .bar i { display:block; height:100%; background:var(--good); transition:width .3s; } .bar i.bad { background:var(--bad); }
        .number { font-variant-numeric:tabular-nums; }
        @media (max-width:720px) { .columns { grid-template-columns:minmax(0,1fr); } main { padding:16px 12px 32px; } #log { max-height:22em; } }
        """
}

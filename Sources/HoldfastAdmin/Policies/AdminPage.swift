/// The page of a ``PolicyAdmin``, which asks for the JSON every second.
enum AdminPage {
    static func answer(service: String) -> AdminAnswer {
        let page = WebPage(
            title: "\(service): policies", style: AdminStyle.css,
            content: """
                <main>
                <header><h1>\(Markup.escape(service))</h1><span id="status" class="pill">…</span>
                <form id="key"><label for="token">Token</label>
                <input id="token" type="password" autocomplete="off" placeholder="to change something"></form></header>
                <p id="message" role="status"></p>
                <noscript><p>This page needs JavaScript; <a href="/v1/policies">the same as JSON</a> does not.</p></noscript>
                <section id="documents"></section>
                <section id="policies"></section>
                </main>
                """,
            script: WebScript.tools + AdminScript.javaScript)
        return page.answer
    }
}

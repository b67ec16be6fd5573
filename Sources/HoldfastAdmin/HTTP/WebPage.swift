import NIOHTTP1

/// A page in one file, without anything from elsewhere.
package struct WebPage: Sendable {
    package var title: String
    /// CSS.
    package var style: String
    /// What the body begins with, in HTML; texts from elsewhere are escaped by ``Markup``.
    package var content: String
    /// JavaScript, run when the body is there.
    package var script: String

    package init(title: String, style: String, content: String, script: String) {
        self.title = title
        self.style = style
        self.content = content
        self.script = script
    }

    /// The page, which may run its own script and no other, whatever is written into it, and ask the address that it came from.
    package var answer: AdminAnswer {
        let nonce = AdminToken.random().text
        var answer = AdminAnswer(.ok, type: "text/html; charset=utf-8", html(nonce: nonce))
        answer.headers.add(
            name: "Content-Security-Policy",
            value: "default-src 'none'; style-src 'nonce-\(nonce)'; script-src 'nonce-\(nonce)'; connect-src 'self'; img-src data:; "
                + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
        answer.headers.add(name: "Referrer-Policy", value: "no-referrer")
        return answer
    }

    private func html(nonce: String) -> String {
        // The empty icon keeps browsers from asking for one.
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <link rel="icon" href="data:,">
        <title>\(Markup.escape(title))</title>
        <style nonce="\(nonce)">
        \(style)
        </style>
        </head>
        <body>
        \(content)
        <script nonce="\(nonce)">
        \(script)
        </script>
        </body>
        </html>

        """
    }
}

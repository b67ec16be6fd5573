import HoldfastPolicyFiles
import NIOHTTP1

/// The page of a ``PolicyAdmin``: one file without anything from elsewhere, which asks for the JSON every second.
enum AdminPage {
    static func answer(service: String) -> AdminAnswer {
        // What the page may run is this script and no other, whatever a policy is called.
        let nonce = AdminToken.random().text
        var answer = AdminAnswer(.ok, type: "text/html; charset=utf-8", html(service: service, nonce: nonce))
        answer.headers.add(
            name: "Content-Security-Policy",
            value: "default-src 'none'; style-src 'nonce-\(nonce)'; script-src 'nonce-\(nonce)'; connect-src 'self'; base-uri 'none'; "
                + "form-action 'none'; frame-ancestors 'none'")
        answer.headers.add(name: "Referrer-Policy", value: "no-referrer")
        return answer
    }

    private static func html(service: String, nonce: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(escaped(service)): policies</title>
        <style nonce="\(nonce)">
        \(AdminStyle.css)
        </style>
        </head>
        <body>
        <main>
        <header><h1>\(escaped(service))</h1><span id="status" class="pill">…</span>
        <form id="key"><label for="token">Token</label>
        <input id="token" type="password" autocomplete="off" placeholder="to change something"></form></header>
        <p id="message" role="status"></p>
        <noscript><p>This page needs JavaScript; <a href="/v1/policies">the same as JSON</a> does not.</p></noscript>
        <section id="documents"></section>
        <section id="policies"></section>
        </main>
        <script nonce="\(nonce)">
        \(AdminScript.javaScript)
        </script>
        </body>
        </html>

        """
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
        return result
    }
}

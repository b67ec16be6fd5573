import HoldfastAdmin

/// The frame of every page: one file, one sheet, no script, no font, no network.
enum Page {
    /// - Parameters:
    ///   - title: as text.
    ///   - content: as markup.
    ///   - data: JSON that the page carries.
    static func html(title: String, _ content: String, data: String? = nil) -> String {
        let script = data.map { "<script type=\"application/json\" id=\"result\">\n\(Markup.escapeScript($0))\n</script>\n" } ?? ""
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(Markup.escape(title))</title>
            <style>
            \(Stylesheet.css)
            </style>
            </head>
            <body>
            <main>
            \(content)
            </main>
            \(script)</body>
            </html>

            """
    }
}

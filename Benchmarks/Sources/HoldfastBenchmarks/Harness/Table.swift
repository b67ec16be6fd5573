/// Rows under a heading, in Markdown that also lines up in a terminal.
struct Table {
    private let columns: [String]
    private let leftAligned: Int
    private var rows: [[String]] = []

    /// - Parameter leftAligned: how many of the first columns hold words; the others hold numbers.
    init(_ columns: [String], leftAligned: Int) {
        self.columns = columns
        self.leftAligned = leftAligned
    }

    var isEmpty: Bool { rows.isEmpty }

    mutating func add(_ cells: [String]) {
        rows.append(cells)
    }

    var text: String {
        let widths = columns.indices.map { column in
            max(3, ([columns] + rows).map { $0[column].count }.max() ?? 0)
        }
        func line(_ cells: [String]) -> String {
            let padded = cells.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - cells[column].count)
                return column < leftAligned ? cells[column] + space : space + cells[column]
            }
            return "| " + padded.joined(separator: " | ") + " |"
        }
        let rule = columns.indices.map { column in
            let dashes = String(repeating: "-", count: widths[column] - 1)
            return column < leftAligned ? dashes + "-" : dashes + ":"
        }
        return ([line(columns), line(rule)] + rows.map(line)).joined(separator: "\n")
    }
}

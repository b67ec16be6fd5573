import Foundation

/// What stands between a client and the server, in a process of its own.
enum Relay: CaseIterable {
    case none, socat, holdfast

    var name: String {
        switch self {
        case .none: "nothing"
        case .socat: "socat (C)"
        case .holdfast: "holdfast chaos proxy"
        }
    }

    static let advice = "socat is not installed (Debian and Homebrew: socat); its row is left out"

    var isAvailable: Bool { self != .socat || Tool.find("socat") != nil }
}

/// A relay that runs.
final class RelayProcess {
    let kind: Relay
    /// Where clients connect.
    let port: Int
    private let process: Process?

    /// Starts it in front of the server on that port.
    init(_ kind: Relay, to server: Int) throws {
        self.kind = kind
        guard kind != .none else {
            (port, process) = (server, nil)
            return
        }
        port = try LoopbackSocket.freePort()
        let process = Process()
        switch kind {
        case .socat:
            process.executableURL = Tool.find("socat")
            process.arguments = [
                "TCP-LISTEN:\(port),bind=127.0.0.1,fork,reuseaddr,nodelay", "TCP:127.0.0.1:\(server),nodelay",
            ]
        case .holdfast, .none:
            process.executableURL = try HoldfastCommand.find()
            process.arguments = [
                "chaos", "proxy", "--quiet", "--grace", "0", "--listen", "127.0.0.1:\(port)", "--upstream", "127.0.0.1:\(server)",
                "--admin",
                "127.0.0.1:0",
            ]
        }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try Children.shared.start(process)
        self.process = process
    }

    func stop() {
        guard let process else { return }
        process.terminate()
        for _ in 0..<200 where process.isRunning { Thread.sleep(forTimeInterval: 0.01) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        Children.shared.ended(process)
    }
}

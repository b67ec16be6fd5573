import ArgumentParser
import Foundation
import Holdfast
import HoldfastAdmin

/// Where an operator may look at a server's policies and take them in hand.
struct DebugArguments: ParsableArguments {
    @Option(help: "The port of the page and API that show the policies and take them in hand; 0 picks a free one and prints it.")
    var debugPort: Int?
    @Flag(help: "No such port.") var noDebug = false
    @Option(help: "The address of that port; by default 127.0.0.1, which other machines cannot reach.") var debugHost: String?
    @Option(
        help: """
            What changes need; by default that of HOLDFAST_DEBUG_TOKEN, or else a new one, in a file that only you can read. The command \
            line can be read by all users of the machine.
            """)
    var debugToken: String?
    @Option(help: "A further name by which the port may be called, besides IP addresses and localhost.") var debugName: [String] = []

    /// The options that say something of a page, besides its port.
    var given: [String] {
        var given: [String] = []
        if debugHost != nil { given.append("--debug-host") }
        if debugToken != nil { given.append("--debug-token") }
        if !debugName.isEmpty { given.append("--debug-name") }
        return given
    }

    func validate() throws {
        if let debugPort, !(0...65_535).contains(debugPort) { throw ValidationError("--debug-port \(debugPort): give 0 to 65535") }
        if noDebug, debugPort != nil { throw ValidationError("give one of --debug-port and --no-debug") }
        if noDebug, !given.isEmpty { throw ValidationError("\(given.joined(separator: ", ")): there is no debug page with --no-debug") }
    }

    /// Serves the page, and says where.
    /// - Parameters:
    ///   - standard: the port unless one is given; nil for none. When that one is taken, the server goes without.
    ///   - name: what the page calls the server.
    /// - Returns: nil if there is none.
    func start(_ name: String, standard: Int? = nil, showing sources: [PolicySource]) async throws -> DebugPort? {
        guard !noDebug, let port = debugPort ?? standard else { return nil }
        let (token, isNew) = try self.token()
        let admin: PolicyAdmin
        do {
            admin = try await PolicyAdmin.start(
                host: debugHost ?? "127.0.0.1", port: port, service: name, token: token, showing: sources, hostNames: debugName)
        } catch {
            guard debugPort == nil else {
                Console.complain("\(error)")
                throw ExitCode.failure
            }
            Console.complain("there is no debug page: \(error); give another port with --debug-port, or --no-debug")
            return nil
        }
        var place = "given token"
        var file: TokenFile?
        if isNew {
            do {
                let written = try TokenFile(port: admin.port)
                try written.write(token.text)
                (file, place) = (written, "token in \(written.path)")
            } catch {
                // Where there is no place for a file of one's own, as in many containers, the log is what there is.
                place = "token \(token.text)"
            }
        }
        try Console.say("\(name) debug page on http://\(admin.address)/, \(place)")
        return DebugPort(admin: admin, file: file)
    }

    private func token() throws -> (AdminToken, isNew: Bool) {
        guard let text = debugToken ?? TokenFile.environment else { return (.random(), true) }
        do {
            return (try AdminToken(text), false)
        } catch {
            throw ValidationError("--debug-token: \(error)")
        }
    }
}

/// A debug port that is open.
struct DebugPort {
    let admin: PolicyAdmin
    let file: TokenFile?

    func close() async {
        await admin.close()
        file?.remove()
    }
}

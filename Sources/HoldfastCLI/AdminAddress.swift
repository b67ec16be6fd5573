import ArgumentParser
import Foundation
import HoldfastAdmin

/// Addresses on the command line, as `HOST:PORT`.
enum AdminAddress {
    /// Where a proxy's admin API is unless told otherwise: Toxiproxy's port.
    static let standard = "127.0.0.1:8474"

    /// The address that a text names; ends the command with a word about it if it is none, or one that other machines reach.
    static func resolve(_ text: String, _ option: String, allowRemote: Bool) throws -> TCPAddress {
        let given = option.isEmpty ? text : "\(option) \(text)"
        do {
            let address = try TCPAddress(text)
            guard allowRemote || address.isLoopback else {
                throw ValidationError("\(given): other machines reach it, or it is one; add --allow-remote if that is meant")
            }
            return address
        } catch let error as TCPAddress.Malformed {
            throw ValidationError("\(given): \(error)")
        }
    }
}

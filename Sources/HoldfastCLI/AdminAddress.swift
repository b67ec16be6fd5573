import ArgumentParser
import Foundation
import HoldfastChaos

/// Addresses on the command line, as `HOST:PORT`.
enum AdminAddress {
    /// Where a proxy's admin API is unless told otherwise: Toxiproxy's port.
    static let standard = "127.0.0.1:8474"

    /// The address that a text names; ends the command with a word about it if it is none, or one that other machines reach.
    static func resolve(_ text: String, _ option: String, allowRemote: Bool) throws -> TCPAddress {
        do {
            let address = try TCPAddress(text)
            guard allowRemote || address.isLoopback else {
                throw ValidationError("\(option) \(text): other machines reach it, or it is one; add --allow-remote if that is meant")
            }
            return address
        } catch let error as TCPAddress.Malformed {
            throw ValidationError("\(option) \(text): \(error)")
        }
    }
}

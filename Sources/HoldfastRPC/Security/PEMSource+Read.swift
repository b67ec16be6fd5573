#if TLS
import Holdfast
import NIOSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What is in a PEM text, or one sentence about what is wrong with it.
extension PEMSource {
    /// The certificates, at least one.
    func certificates(_ field: String) throws(ConfigurationError) -> [NIOSSLCertificate] {
        let bytes = try contents(field)
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.contains("-----BEGIN ") else {
            throw ConfigurationError(field, self, "is no PEM; give certificates that begin with -----BEGIN CERTIFICATE-----")
        }
        guard text.contains("CERTIFICATE-----") else {
            throw ConfigurationError(
                field, self, "holds no certificate, but something else; give one that begins with -----BEGIN CERTIFICATE-----")
        }
        do {
            return try NIOSSLCertificate.fromPEMBytes(bytes)
        } catch {
            throw ConfigurationError(field, self, "holds a damaged certificate; `openssl x509 -in FILE -text` should show it")
        }
    }

    /// The key.
    func privateKey(_ field: String) throws(ConfigurationError) -> NIOSSLPrivateKey {
        let bytes = try contents(field)
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.contains("PRIVATE KEY-----") else {
            throw ConfigurationError(
                field, self, "holds no private key in PEM; give one that begins with -----BEGIN PRIVATE KEY-----")
        }
        // BoringSSL would ask for the passphrase on the terminal.
        guard !text.contains("ENCRYPTED") else {
            throw ConfigurationError(field, self, "is encrypted; give a key without passphrase (`openssl pkey -in FILE`)")
        }
        do {
            return try NIOSSLPrivateKey(bytes: bytes, format: .pem)
        } catch {
            throw ConfigurationError(field, self, "holds a damaged private key; `openssl pkey -in FILE -noout` should accept it")
        }
    }

    /// The largest file that is read: many times the size of a system's bundle of roots.
    private static let sizeLimit = 8 * 1024 * 1024

    private func contents(_ field: String) throws(ConfigurationError) -> [UInt8] {
        let path: String
        switch self {
        case .bytes(let bytes): return bytes
        case .file(let file): path = file
        }
        // Without O_NONBLOCK a named pipe would be waited for.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw unreadable(field) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        let size = 64 * 1024
        var count = 0
        repeat {
            let chunk = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
                repeat {
                    count = read(descriptor, buffer.baseAddress, size)
                } while count < 0 && errno == EINTR
                filled = max(count, 0)
            }
            guard count >= 0 else { throw unreadable(field) }
            bytes += chunk
            guard bytes.count <= Self.sizeLimit else {
                throw ConfigurationError(field, self, "is longer than \(Self.sizeLimit) bytes; give a PEM file")
            }
        } while count > 0
        return bytes
    }

    private func unreadable(_ field: String) -> ConfigurationError {
        ConfigurationError(field, self, "cannot be read: \(String(cString: strerror(errno))); give a PEM file that this process may read")
    }
}
#endif

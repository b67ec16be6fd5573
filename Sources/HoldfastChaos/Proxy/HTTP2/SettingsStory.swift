import DequeModule
import NIOCore

/// Who told a client which settings, so that those of the proxy can be taken back, and their acknowledgements kept from the server,
/// which knows nothing of them.
struct SettingsStory {
    /// What the server told last, as far as it told.
    private var servers = HTTP2Settings()
    /// What holds in place of that.
    private(set) var told = HTTP2Settings()
    /// Who is owed an acknowledgement, in order: true for the proxy.
    private var owed: Deque<Bool> = []
    private(set) var hasServers = false
    private var start: [UInt8] = []
    /// A client that acknowledges nothing must not make the list grow; it is told nothing more.
    private static let mostOwed = 1_000

    /// Whether a server's first bytes can be the header of a settings frame; a server may speak before its client does.
    mutating func beginsLikeHTTP2(_ bytes: ByteBuffer) -> Bool {
        guard start.count < FrameHeader.size else { return true }
        start += bytes.readableBytesView.prefix(FrameHeader.size - start.count)
        for (index, byte) in start.enumerated() {
            switch index {
            case 1 where byte <= 0x40: continue
            case 2: continue
            case 3 where byte == FrameHeader.Kind.settings: continue
            case 1, 3: return false
            default: if byte != 0 { return false }
            }
        }
        return true
    }

    /// The server has told settings, in the frame at the reader index.
    mutating func serverTold(_ header: FrameHeader, _ frame: ByteBuffer) {
        hasServers = true
        if owed.count < Self.mostOwed { owed.append(false) }
        var index = frame.readerIndex + FrameHeader.size
        let end = index + header.length
        while index + 6 <= end, let identifier = frame.getInteger(at: index, as: UInt16.self),
            let value = frame.getInteger(at: index + 2, as: UInt32.self)
        {
            if let key = HTTP2Settings.all.first(where: { $0.identifier == identifier }) {
                servers[keyPath: key.path] = value
                // It holds for the client from now on, in place of what the proxy told.
                told[keyPath: key.path] = nil
            }
            index += 6
        }
    }

    /// The client has acknowledged settings.
    /// - Returns: whether they were the proxy's.
    mutating func clientAcknowledged() -> Bool {
        owed.popFirst() ?? false
    }

    /// Makes `wanted` hold, and the server's again for all else.
    /// - Returns: the frame that says so; nil when nothing changes.
    mutating func tell(_ wanted: HTTP2Settings) -> ByteBuffer? {
        guard wanted != told, owed.count < Self.mostOwed else { return nil }
        var values: [(identifier: UInt16, value: UInt32)] = []
        for key in HTTP2Settings.all where wanted[keyPath: key.path] != told[keyPath: key.path] {
            values.append((key.identifier, wanted[keyPath: key.path] ?? servers[keyPath: key.path] ?? key.initial))
        }
        told = wanted
        owed.append(true)
        return Frame.settings(values)
    }
}

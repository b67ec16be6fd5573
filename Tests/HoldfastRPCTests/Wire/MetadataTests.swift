import Holdfast
import HoldfastRPC
import Testing

@Suite("Metadata")
struct MetadataTests {
    @Test("A key is the same key in capitals and in small letters, for readers and writers", arguments: ["x-tenant-bin", "X-Tenant-Bin"])
    func capitals(key: String) {
        var metadata: Metadata = ["X-TENANT-bin": "AAE"]
        #expect(metadata[key] == "AAE" && metadata.values(for: key) == ["AAE"])
        #expect(metadata.bytes(for: key) == [0, 1] && metadata.allBytes(for: key) == [[0, 1]])
        #expect(metadata.map(\.key) == ["x-tenant-bin"])
        metadata[key] = "AA"
        #expect(Array(metadata.map(\.value)) == ["AA"])
        metadata[key] = nil
        #expect(metadata.isEmpty)
    }
}

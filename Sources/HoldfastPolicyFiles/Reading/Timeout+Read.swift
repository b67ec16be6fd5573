import Holdfast

extension Timeout.Configuration {
    /// Reads the settings of a timeout; ranges are the core's business.
    static func read(_ object: ObjectReader) -> Self? {
        let after = object.required("after")?.duration()
        if let onExpiry = object.optional("onExpiry"), onExpiry.oneOf(["wait": true, "abandon": false]) == false {
            onExpiry.fail("abandoning an operation is not supported by this version yet; give \"wait\"")
        }
        guard let after else { return nil }
        return object.configuration { _ throws(ConfigurationError) in try Self(after: after) }
    }
}

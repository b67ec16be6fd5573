/// The members of an object.
package struct SectionShape: Sendable {
    /// The name under which the schema and the reference page keep it; nil for one that stands where it is used.
    package let name: String?
    /// What the object is for, as the beginning of its part of the reference page.
    package let summary: String
    package let members: [MemberShape]

    package init(name: String? = nil, summary: String = "", members: [MemberShape]) {
        self.name = name
        self.summary = summary
        self.members = members
    }
}

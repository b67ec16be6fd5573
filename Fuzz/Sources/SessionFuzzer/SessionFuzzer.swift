/// What libFuzzer calls with each script.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    SessionDriver.run(UnsafeRawBufferPointer(start: start, count: count))
    return 0
}

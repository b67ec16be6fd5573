#ifndef HOLDFAST_LIBFUZZER_H
#define HOLDFAST_LIBFUZZER_H

#include <stddef.h>
#include <stdint.h>

// libFuzzer's entry for programs with a main of their own, as SwiftPM's are. It comes with -sanitize=fuzzer.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*one)(const uint8_t *data, size_t size));

#endif

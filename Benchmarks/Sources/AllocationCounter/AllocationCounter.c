// Counts allocations from inside the program: what the executable defines wins over what libc does, for every library that is loaded
// with it, the Swift runtime included. Only for glibc, which keeps its own functions reachable under a second name.

#include "AllocationCounter.h"

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

static atomic_bool is_counting;
static atomic_int_fast64_t calls;
static atomic_int_fast64_t bytes;
static atomic_int_fast64_t allocated;

void allocation_counter_start(void) {
    atomic_store(&calls, 0);
    atomic_store(&bytes, 0);
    atomic_store(&allocated, 0);
    atomic_store(&is_counting, true);
}

allocation_counts allocation_counter_stop(void) {
    atomic_store(&is_counting, false);
    return (allocation_counts){atomic_load(&calls), atomic_load(&bytes), atomic_load(&allocated)};
}

#ifdef __GLIBC__

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

// Outside of a measurement the cost is one load and a branch that is always the same.
static inline bool counts(void) {
    return atomic_load_explicit(&is_counting, memory_order_relaxed);
}

// glibc keeps the size of each block in the word before it.
static int64_t size_of(void *block) {
    return block ? (int64_t)(malloc_usable_size(block) + sizeof(size_t)) : 0;
}

static void *taken(void *block) {
    if (counts()) {
        atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed);
        int64_t size = size_of(block);
        atomic_fetch_add_explicit(&bytes, size, memory_order_relaxed);
        atomic_fetch_add_explicit(&allocated, size, memory_order_relaxed);
    }
    return block;
}

void *malloc(size_t size) {
    return taken(__libc_malloc(size));
}

void *calloc(size_t count, size_t size) {
    return taken(__libc_calloc(count, size));
}

void *realloc(void *block, size_t size) {
    int64_t before = counts() ? size_of(block) : 0;
    void *moved = __libc_realloc(block, size);
    // When there is no room the old block stays.
    if (counts() && (moved || size == 0)) atomic_fetch_sub_explicit(&bytes, before, memory_order_relaxed);
    return taken(moved);
}

void *memalign(size_t alignment, size_t size) {
    return taken(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size) {
    return taken(__libc_memalign(alignment, size));
}

int posix_memalign(void **result, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
    void *block = taken(__libc_memalign(alignment, size));
    if (!block) return ENOMEM;
    *result = block;
    return 0;
}

void free(void *block) {
    if (block && counts()) atomic_fetch_sub_explicit(&bytes, size_of(block), memory_order_relaxed);
    __libc_free(block);
}

#endif

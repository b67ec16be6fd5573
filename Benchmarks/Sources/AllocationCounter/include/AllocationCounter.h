#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

#include <stdint.h>

/// What was asked of the allocator between a start and a stop, by all threads.
typedef struct {
    /// How often memory was asked for: malloc, calloc, realloc, memalign and the like.
    int64_t calls;
    /// The bytes taken less the bytes given back, with what the allocator adds to each block.
    int64_t bytes;
    /// The bytes taken, whether or not they were given back.
    int64_t allocated;
} allocation_counts;

/// Counts from now on, from zero.
void allocation_counter_start(void);

/// Ends the counting; everything is zero where the allocator cannot be counted.
allocation_counts allocation_counter_stop(void);

#endif

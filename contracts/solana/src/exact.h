// Integer arithmetic that never wraps: the formulas of README.md, nothing else.
#pragma once
#include "sbf.h"

#define SATURATED (~0ull)

// floor(a * b / d), or SATURATED when d is 0 or the quotient needs more than 64 bits.
// Schoolbook multiply and shift-subtract divide, so no compiler runtime is linked in.
INLINE u64 mul_div(u64 a, u64 b, u64 d) {
    u64 a0 = (u32)a, a1 = a >> 32, b0 = (u32)b, b1 = b >> 32;
    u64 p00 = a0 * b0, p01 = a0 * b1, p10 = a1 * b0, p11 = a1 * b1;
    u64 middle = (p00 >> 32) + (u32)p01 + (u32)p10;
    u64 low = (middle << 32) | (u32)p00;
    u64 rest = p11 + (p01 >> 32) + (p10 >> 32) + (middle >> 32);
    if (rest >= d) return SATURATED;
    u64 quotient = 0;
    for (int bit = 63; bit >= 0; bit--) {
        u64 carry = rest >> 63;
        rest = (rest << 1) | ((low >> bit) & 1);
        if (carry || rest >= d) {
            rest -= d;
            quotient |= 1ull << bit;
        }
    }
    return quotient;
}

// ceil(amount * num / den); the caller has checked num < den, so the result is at most `amount`.
// Split at the denominator so that no product leaves 64 bits.
INLINE u64 fee_of(u64 amount, u32 num, u32 den) {
    u64 whole = (amount / den) * num;
    u64 part = (amount % den) * num;  // both factors below 2^32
    return whole + part / den + (part % den != 0);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's basic types for freestanding code. */
#ifndef FIRMWARE_LINUX_TYPES_H
#define FIRMWARE_LINUX_TYPES_H

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
/* As in the kernel: printed with %llx. */
typedef unsigned long long u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef long long s64;

typedef u8 __u8;
typedef u16 __u16;
typedef u32 __u32;
typedef u64 __u64;
typedef s64 __s64;

/* A physical address. */
typedef unsigned long phys_addr_t;

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))

#define __noreturn		__attribute__((__noreturn__))
#define __packed		__attribute__((__packed__))
#define __aligned(n)		__attribute__((__aligned__(n)))
#define __section(s)		__attribute__((__section__(s)))
#define __printf(fmt, args)	__attribute__((__format__(printf, fmt, args)))
#define __maybe_unused		__attribute__((__unused__))
#define noinline			__attribute__((__noinline__))
#define __must_check		__attribute__((__warn_unused_result__))

#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile __typeof__(x) *)&(x) = (v))

#define min(a, b) ({ __typeof__(a) _a = (a); __typeof__(b) _b = (b); _a < _b ? _a : _b; })
#define max(a, b) ({ __typeof__(a) _a = (a); __typeof__(b) _b = (b); _a > _b ? _a : _b; })

#endif /* !__ASSEMBLER__ */

/* Power-of-two alignment, for integers. */
#define ALIGN_DOWN(x, a)	((x) & ~((a) - 1))
#define ALIGN(x, a)		ALIGN_DOWN((x) + (a) - 1, (a))
#define IS_ALIGNED(x, a)	(((x) & ((a) - 1)) == 0)

#endif /* FIRMWARE_LINUX_TYPES_H */

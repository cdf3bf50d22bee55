/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's basic types and helpers for a program of userspace. */
#ifndef REALMRUN_TYPES_H
#define REALMRUN_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
/* As in the kernel: printed with %llx. */
typedef unsigned long long u64;

#define SZ_4K			0x1000ULL
#define SZ_64K			0x10000ULL
#define SZ_128K			0x20000ULL
#define SZ_1M			0x100000ULL
#define SZ_2M			0x200000ULL

#define BIT_ULL(n)		(1ULL << (n))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

/* Power-of-two alignment, for integers. */
#define ALIGN_DOWN(x, a)	((x) & ~((a) - 1))
#define ALIGN(x, a)		ALIGN_DOWN((x) + (a) - 1, (a))
#define IS_ALIGNED(x, a)	(((x) & ((a) - 1)) == 0)

#define __noreturn		__attribute__((__noreturn__))
#define __printf(fmt, args)	__attribute__((__format__(printf, fmt, args)))

#define min(a, b) ({ __typeof__(a) _a = (a); __typeof__(b) _b = (b); _a < _b ? _a : _b; })
#define max(a, b) ({ __typeof__(a) _a = (a); __typeof__(b) _b = (b); _a > _b ? _a : _b; })

#endif /* REALMRUN_TYPES_H */

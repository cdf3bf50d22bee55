/* SPDX-License-Identifier: GPL-2.0-only */
/* The hashes that realms are measured with (FIPS 180-4). */
#ifndef RMM_SHA2_H
#define RMM_SHA2_H

#include <linux/types.h>

#define SHA256_SIZE	32
#define SHA512_SIZE	64

/**
 * sha256() - hash a buffer with SHA-256
 * @data: the buffer
 * @size: its size in bytes
 * @out: SHA256_SIZE bytes
 */
void sha256(const void *data, size_t size, u8 *out);

/** sha512() - hash a buffer with SHA-512; @out: SHA512_SIZE bytes */
void sha512(const void *data, size_t size, u8 *out);

#endif

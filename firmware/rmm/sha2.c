// SPDX-License-Identifier: GPL-2.0-only
/*
 * SHA-256 and SHA-512 (FIPS 180-4) of a buffer.
 *
 * Both take their constants from the same numbers, the fractional parts of roots of the
 * first primes: SHA-256 the upper 32 bits, SHA-512 all 64. The rounds differ in the width
 * of a word, the rotations and how many there are.
 */
#include <string.h>
#include "sha2.h"

/* Cube roots of the first 80 primes */
static const u64 k[80] = {
	0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
	0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
	0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
	0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
	0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
	0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
	0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
	0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
	0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
	0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
	0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
	0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
	0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
	0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
	0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
	0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
	0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
	0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
	0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
	0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

/* Square roots of the first 8 primes */
static const u64 initial[8] = {
	0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
	0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

#define WORDS		16	/* words of a block */
#define MAX_BLOCK	128

struct sha2 {
	bool wide;		/* SHA-512 */
	unsigned int block;	/* bytes in a block */
	u64 h[8];
};

static u64 ror(const struct sha2 *s, u64 x, unsigned int n)
{
	if (s->wide)
		return x >> n | x << (64 - n);
	return (u32)((u32)x >> n | (u32)x << (32 - n));
}

static u64 add(const struct sha2 *s, u64 a, u64 b)
{
	return s->wide ? a + b : (u32)(a + b);
}

static u64 big_sigma0(const struct sha2 *s, u64 x)
{
	return s->wide ? ror(s, x, 28) ^ ror(s, x, 34) ^ ror(s, x, 39) :
			 ror(s, x, 2) ^ ror(s, x, 13) ^ ror(s, x, 22);
}

static u64 big_sigma1(const struct sha2 *s, u64 x)
{
	return s->wide ? ror(s, x, 14) ^ ror(s, x, 18) ^ ror(s, x, 41) :
			 ror(s, x, 6) ^ ror(s, x, 11) ^ ror(s, x, 25);
}

static u64 sigma0(const struct sha2 *s, u64 x)
{
	return s->wide ? ror(s, x, 1) ^ ror(s, x, 8) ^ x >> 7 :
			 ror(s, x, 7) ^ ror(s, x, 18) ^ x >> 3;
}

static u64 sigma1(const struct sha2 *s, u64 x)
{
	return s->wide ? ror(s, x, 19) ^ ror(s, x, 61) ^ x >> 6 :
			 ror(s, x, 17) ^ ror(s, x, 19) ^ x >> 10;
}

/* Words are big-endian. */
static u64 load_word(const struct sha2 *s, const u8 *p)
{
	u64 word = 0;

	for (unsigned int i = 0; i < s->block / WORDS; i++)
		word = word << 8 | p[i];
	return word;
}

static void store_word(const struct sha2 *s, u8 *p, u64 word)
{
	for (int i = s->block / WORDS - 1; i >= 0; i--, word >>= 8)
		p[i] = word;
}

/* Round @i. Each round moves the words up by one place: here the places move down. */
static void round(const struct sha2 *s, u64 *v, unsigned int i, u64 constant, u64 word)
{
	u64 a = v[(0 - i) % 8], b = v[(1 - i) % 8], c = v[(2 - i) % 8];
	u64 e = v[(4 - i) % 8], f = v[(5 - i) % 8], g = v[(6 - i) % 8];
	u64 *d = &v[(3 - i) % 8], *h = &v[(7 - i) % 8];
	u64 t1 = *h + big_sigma1(s, e) + ((e & f) ^ (~e & g)) + constant + word;
	u64 t2 = big_sigma0(s, a) + ((a & b) ^ (a & c) ^ (b & c));

	*d = add(s, *d, t1);
	*h = add(s, t1, t2);
}

static void compress(struct sha2 *s, const u8 *data)
{
	unsigned int rounds = s->wide ? 80 : 64;
	u64 w[80], v[8];

	for (unsigned int i = 0; i < WORDS; i++)
		w[i] = load_word(s, data + i * (s->block / WORDS));
	for (unsigned int i = WORDS; i < rounds; i++)
		w[i] = add(s, sigma1(s, w[i - 2]) + w[i - 7], sigma0(s, w[i - 15]) + w[i - 16]);

	memcpy(v, s->h, sizeof(v));
	for (unsigned int i = 0; i < rounds; i++)
		round(s, v, i, s->wide ? k[i] : k[i] >> 32, w[i]);
	for (unsigned int i = 0; i < 8; i++)
		s->h[i] = add(s, s->h[i], v[i]);
}

/* The last bytes, a 1 bit, zeros, and the length in bits; one block or two */
static void finish(struct sha2 *s, const u8 *data, size_t rest, size_t size)
{
	u8 pad[2 * MAX_BLOCK] = { 0 };
	size_t len = rest + 1 + s->block / 8 > s->block ? 2 * s->block : s->block;
	u64 bits = (u64)size * 8;

	memcpy(pad, data, rest);
	pad[rest] = 0x80;
	for (unsigned int i = 1; i <= sizeof(bits); i++, bits >>= 8)
		pad[len - i] = bits;

	for (size_t done = 0; done < len; done += s->block)
		compress(s, pad + done);
}

static void sha2(bool wide, const void *data, size_t size, u8 *out)
{
	struct sha2 s = { .wide = wide, .block = wide ? MAX_BLOCK : MAX_BLOCK / 2 };
	const u8 *p = data;
	size_t left = size;

	for (unsigned int i = 0; i < 8; i++)
		s.h[i] = wide ? initial[i] : initial[i] >> 32;

	for (; left >= s.block; left -= s.block, p += s.block)
		compress(&s, p);
	finish(&s, p, left, size);

	for (unsigned int i = 0; i < 8; i++)
		store_word(&s, out + i * (s.block / WORDS), s.h[i]);
}

void sha256(const void *data, size_t size, u8 *out)
{
	sha2(false, data, size, out);
}

void sha512(const void *data, size_t size, u8 *out)
{
	sha2(true, data, size, out);
}

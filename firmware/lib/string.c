// SPDX-License-Identifier: GPL-2.0-only
/*
 * String functions. The block functions use words where both ends are aligned, several at a time:
 * most of what the firmware does under emulation is wiping and copying granules.
 */
#include <linux/types.h>
#include <string.h>

/* Words the compiler unrolls into one turn of a loop */
#define CHUNK	8

static bool both_aligned(const void *a, const void *b)
{
	return IS_ALIGNED((uintptr_t)a | (uintptr_t)b, sizeof(unsigned long));
}

void *memcpy(void *dst, const void *src, size_t n)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	if (both_aligned(dst, src)) {
		for (; n >= CHUNK * sizeof(unsigned long); n -= CHUNK * sizeof(unsigned long)) {
			for (unsigned int i = 0; i < CHUNK; i++)
				((unsigned long *)d)[i] = ((const unsigned long *)s)[i];
			d += CHUNK * sizeof(unsigned long);
			s += CHUNK * sizeof(unsigned long);
		}
		for (; n >= sizeof(unsigned long); n -= sizeof(unsigned long)) {
			*(unsigned long *)d = *(const unsigned long *)s;
			d += sizeof(unsigned long);
			s += sizeof(unsigned long);
		}
	}

	while (n--)
		*d++ = *s++;

	return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	if (d <= s || d >= s + n)
		return memcpy(dst, src, n);

	while (n--)
		d[n] = s[n];

	return dst;
}

void *memset(void *dst, int c, size_t n)
{
	unsigned long word = (unsigned char)c * 0x0101010101010101UL;
	unsigned char *d = dst;

	for (; n && !IS_ALIGNED((uintptr_t)d, sizeof(word)); n--)
		*d++ = c;

	for (; n >= CHUNK * sizeof(word); n -= CHUNK * sizeof(word)) {
		for (unsigned int i = 0; i < CHUNK; i++)
			((unsigned long *)d)[i] = word;
		d += CHUNK * sizeof(word);
	}
	for (; n >= sizeof(word); n -= sizeof(word)) {
		*(unsigned long *)d = word;
		d += sizeof(word);
	}

	while (n--)
		*d++ = c;

	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a;
	const unsigned char *y = b;

	for (; n; n--, x++, y++) {
		if (*x != *y)
			return *x - *y;
	}

	return 0;
}

void *memchr(const void *s, int c, size_t n)
{
	const unsigned char *p = s;

	for (; n; n--, p++) {
		if (*p == (unsigned char)c)
			return (void *)p;
	}

	return NULL;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;

	return n;
}

size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;

	return n;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}

	return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++) {
		if (*a != *b)
			return (unsigned char)*a - (unsigned char)*b;
		if (!*a)
			return 0;
	}

	return 0;
}

char *strchr(const char *s, int c)
{
	return memchr(s, c, strlen(s) + 1);
}

char *strrchr(const char *s, int c)
{
	for (size_t n = strlen(s) + 1; n; n--) {
		if (s[n - 1] == (char)c)
			return (char *)s + n - 1;
	}

	return NULL;
}

size_t strcspn(const char *s, const char *reject)
{
	size_t n = 0;

	while (s[n] && !strchr(reject, s[n]))
		n++;

	return n;
}

char *strstr(const char *s, const char *what)
{
	size_t len = strlen(what);

	for (; *s; s++) {
		if (!strncmp(s, what, len))
			return (char *)s;
	}

	return len ? NULL : (char *)s;
}

// SPDX-License-Identifier: GPL-2.0-only

#include <string.h>

#include "../loader.h"
#include "test.h"

static u8 head[64];
static struct image_info info;

static void put(size_t offset, u64 value)
{
	for (int i = 0; i < 8; i++)
		head[offset + i] = value >> i * 8;
}

static void good_header(void)
{
	memset(head, 0, sizeof(head));
	put(8, 0x80000);		/* text_offset */
	put(16, 0x200000);		/* image_size */
	put(24, 0xa);			/* flags */
	memcpy(head + 56, "ARM\x64", 4);
}

static bool says(const char *what, u64 file_size)
{
	const char *wrong = image_check(head, sizeof(head), file_size, &info);

	return wrong && strstr(wrong, what);
}

void test_image(void)
{
	good_header();
	expect(!image_check(head, sizeof(head), 0x100000, &info));
	expect_eq(info.text_offset, 0x80000);
	expect_eq(info.size, 0x200000);

	expect(says("damaged", 0x200001));
	put(8, SZ_2M);
	expect(says("damaged", 0x100000));

	good_header();
	head[24] |= 1;
	expect(says("big-endian", 0x100000));

	good_header();
	put(16, 0);
	expect(says("how much memory", 0x100000));

	good_header();
	head[56] = 'X';
	expect(says("no arm64 Image", 0x100000));

	memcpy(head, "MZ\0\0zimg", 8);
	expect(says("zboot", 0x100000));
	memcpy(head, "\x1f\x8b", 2);
	expect(says("gzip", 0x100000));

	good_header();
	expect(!strcmp(image_check(head, 63, 63, &info), "is too short for a kernel"));
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The header of an arm64 Image, Documentation/arch/arm64/booting.rst.
 */

#include <endian.h>
#include <string.h>

#include "loader.h"

struct image_header {
	u32 code0;
	u32 code1;
	u64 text_offset;
	u64 image_size;
	u64 flags;
	u64 res2;
	u64 res3;
	u64 res4;
	u32 magic;
	u32 res5;
};

#define IMAGE_MAGIC		0x644d5241	/* "ARM\x64" */
#define IMAGE_BIG_ENDIAN	BIT_ULL(0)

/**
 * image_check() - Look at the start of a kernel
 * @head: the start of the file
 * @head_size: how much of it there is here, in bytes
 * @file_size: size of the file
 * @info: receives what it says
 *
 * Return: NULL, or what is wrong with it.
 */
const char *image_check(const void *head, size_t head_size, u64 file_size,
			struct image_info *info)
{
	struct image_header header;

	if (head_size >= 2 && !memcmp(head, "\x1f\x8b", 2))
		return "is compressed with gzip: unpack it first";
	if (head_size < sizeof(header))
		return "is too short for a kernel";
	memcpy(&header, head, sizeof(header));
	if (!memcmp(head, "MZ", 2) && !memcmp(head + 4, "zimg", 4))
		return "is a compressed EFI image (zboot): unpack it first";
	if (le32toh(header.magic) != IMAGE_MAGIC)
		return "is no arm64 Image";
	if (le64toh(header.flags) & IMAGE_BIG_ENDIAN)
		return "is a big-endian kernel";

	info->text_offset = le64toh(header.text_offset);
	info->size = le64toh(header.image_size);
	if (!info->size)
		return "does not say how much memory it takes: older than Linux 3.17";
	if (info->size < file_size || info->size > BIT_ULL(32) || info->text_offset >= SZ_2M)
		return "has a damaged header";
	return NULL;
}

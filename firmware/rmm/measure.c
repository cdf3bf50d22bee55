// SPDX-License-Identifier: GPL-2.0-only
/* Measurements of a realm (measure.h, realm.h). */
#include <linux/build_bug.h>
#include <string.h>
#include "measure.h"
#include "sha2.h"

/* RmmMeasurementDescriptorData (C2.27) and RmmMeasurementDescriptorRec (C2.28) */
#define DESC_TYPE_DATA		0
#define DESC_TYPE_REC		1

struct desc_data {
	u8 desc_type;
	u8 reserved0[7];
	u64 len;
	u8 rim[MEASUREMENT_SIZE];
	u64 ipa;
	u64 flags;
	u8 content[MEASUREMENT_SIZE];
	u8 reserved1[0x60];
};

static_assert(offsetof(struct desc_data, ipa) == 0x50);
static_assert(offsetof(struct desc_data, content) == 0x60);
static_assert(sizeof(struct desc_data) == 0x100);

struct desc_rec {
	u8 desc_type;
	u8 reserved0[7];
	u64 len;
	u8 rim[MEASUREMENT_SIZE];
	u8 content[MEASUREMENT_SIZE];
	u8 reserved1[0x70];
};

static_assert(offsetof(struct desc_rec, content) == 0x50);
static_assert(sizeof(struct desc_rec) == 0x100);

/* Hash with the realm's algorithm, zero-extended to MEASUREMENT_SIZE. */
static void realm_hash(const struct rd *rd, const void *data, size_t size, u8 *out)
{
	u8 hash[MEASUREMENT_SIZE] = { 0 };

	if (rd->hash_algo == RMI_HASH_SHA_512)
		sha512(data, size, hash);
	else
		sha256(data, size, hash);
	memcpy(out, hash, sizeof(hash));
}

void measure_data(struct rd *rd, unsigned long ipa, const void *data, u64 flags)
{
	struct desc_data desc = {
		.desc_type = DESC_TYPE_DATA,
		.len = sizeof(desc),
		.ipa = ipa,
		.flags = flags & RMI_DATA_FLAGS_MEASURE,
	};
	u8 *rim = rd->measurement[MEASUREMENT_RIM];

	memcpy(desc.rim, rim, sizeof(desc.rim));
	if (flags & RMI_DATA_FLAGS_MEASURE)
		realm_hash(rd, data, GRANULE_SIZE, desc.content);
	realm_hash(rd, &desc, sizeof(desc), rim);
}

void measure_rec(struct rd *rd, const struct rmi_rec_params *params)
{
	struct desc_rec desc = { .desc_type = DESC_TYPE_REC, .len = sizeof(desc) };
	u8 *rim = rd->measurement[MEASUREMENT_RIM];

	memcpy(desc.rim, rim, sizeof(desc.rim));
	realm_hash(rd, params, sizeof(*params), desc.content);
	realm_hash(rd, &desc, sizeof(desc), rim);
}

/* DEN0137 B3.110 RemExtend: the old value and @size bytes, zero-extended, are hashed. */
void measurement_extend(struct rd *rd, unsigned int index, const void *data, unsigned int size)
{
	u8 buf[2 * MEASUREMENT_SIZE] = { 0 };

	memcpy(buf, rd->measurement[index], MEASUREMENT_SIZE);
	memcpy(buf + MEASUREMENT_SIZE, data, size);
	realm_hash(rd, buf, sizeof(buf), rd->measurement[index]);
}

// SPDX-License-Identifier: GPL-2.0-only
/* Mapping commands: DEN0137 B4.5.65 to B4.5.67, B4.5.77, B4.5.78 */
#include <string.h>
#include "control.h"
#include "refuse.h"

#define SINGLE		RMI_ADDR_TYPE_SINGLE
#define LIST(n)		(RMI_ADDR_TYPE_LIST | FIELD_PREP(RMI_RTT_PROT_MAP_FLAGS_LIST_COUNT, n))
#define PAGES_PER_BLOCK	(SZ_2M / SZ_4K)

/* With FEAT_S2FWB */
#define MEMATTR_RESERVED	4
#define S2AP_READ_WRITE	(RMI_S2AP_DIRECT_READ | RMI_S2AP_DIRECT_WRITE)

/* Normal write-back with FEAT_S2FWB, readable and writable */
#define UNPROT_ATTRS	(FIELD_PREP(RMI_RTT_UNPROT_MAP_FLAGS_MEMATTR, 6) | \
			 FIELD_PREP(RMI_RTT_UNPROT_MAP_FLAGS_S2AP, S2AP_READ_WRITE))

/* S2AP in a stage 2 descriptor, in the order of the architecture */
#define ENTRY_S2AP	GENMASK_ULL(7, 6)
#define ENTRY_S2AP_R	BIT_ULL(6)
#define ENTRY_S2AP_W	BIT_ULL(7)

static void data_map_init(void)
{
	struct scene *s = scene_create();
	phys_addr_t data = delegated_page();
	struct call call = CALL(RTT_DATA_MAP_INIT, s->r.rd, data, TEST_FREE_IPA, s->ns, 0);
	struct entry e;

	refuse_not_rd(s, &call, 1);
	refuse_not_delegated(s, &call, 2);
	refuse_not_ns(s, &call, 4);
	REFUSE(&call,
	       INPUT("ipa_align", 3, TEST_FREE_IPA + 8),
	       INPUT("ipa_bound", 3, realm_shared(&s->r, TEST_FREE_IPA)),
	       INPUT("ipa_bound", 3, UL(1) << REALM_IPA_BITS),
	       RTT("rtt_walk", 3, EMPTY_IPA, 1),
	       RTT("rtt_walk", 3, TEST_IPA + SZ_2M, 2),
	       RTT("rtte_state", 3, TEST_IPA, 3));

	require_status(make_call(&call, NULL), RMI_SUCCESS);
	e = read_entry(&s->r, TEST_FREE_IPA, 3);
	check_eq(e.state, RMI_RTTE_DATA);
	check_eq(e.ripas, RMI_RIPAS_RAM);
	check_eq(e.desc & ENTRY_PA, data);
	/* data_state: it is DATA now */
	call.arg[3] = TEST_FREE_IPA + SZ_4K;
	check_status(make_call(&call, NULL), RMI_ERROR_INPUT);
	check_status(undelegate(data, GRANULE_SIZE), RMI_ERROR_INPUT);

	/* realm_state */
	require_status(realm_activate(&s->r), RMI_SUCCESS);
	call.arg[2] = s->delegated;
	check_status(make_call(&call, NULL), RMI_ERROR_REALM);

	require_status(realm_unmap(&s->r, TEST_FREE_IPA), RMI_SUCCESS);
	scene_destroy(s);
}

static void data_map_refuses(void)
{
	struct scene *s = scene_create();
	phys_addr_t data = delegated_page();
	u64 *list = ns_page();
	struct call call = CALL(RTT_DATA_MAP, s->r.rd, TEST_FREE_IPA, TEST_FREE_IPA + SZ_4K,
				SINGLE, DESC_PAGES(data, 1));

	refuse_not_rd(s, &call, 1);
	REFUSE(&call,
	       INPUT("base_align", 2, TEST_FREE_IPA + 8),
	       INPUT("top_align", 3, TEST_FREE_IPA + SZ_4K + 8),
	       INPUT("size_valid", 3, TEST_FREE_IPA),
	       INPUT("size_valid", 3, TEST_FREE_IPA - SZ_4K),
	       INPUT("ipa_bound", 3, realm_shared(&s->r, 0) + SZ_4K),
	       INPUT("oaddr_type", 4, RMI_ADDR_TYPE_NONE),
	       INPUT("oaddr_type", 4, 3),
	       INPUT("gran_state", 5, DESC_PAGES(s->ns, 1)),
	       INPUT("gran_state", 5, DESC_PAGES(s->r.rd, 1)),
	       INPUT("gran_state", 5, DESC_PAGES(s->rec, 1)),
	       INPUT("gran_state", 5, DESC_PAGES(s->r.roots, 1)),
	       INPUT("gran_state", 5, DESC_PAGES(s->data, 1)),
	       { "trk_untracked", 5, DESC_PAGES(NOT_TRACKED, 1), RMI_ERROR_TRACKING, -1 });

	/* ipa_bound with both ends in the unprotected half, rtte_state, rtte_size */
	call = CALL(RTT_DATA_MAP, s->r.rd, realm_shared(&s->r, TEST_FREE_IPA),
		    realm_shared(&s->r, TEST_FREE_IPA) + SZ_4K, SINGLE, DESC_PAGES(data, 1));
	check_status(make_call(&call, NULL), RMI_ERROR_INPUT);
	call = CALL(RTT_DATA_MAP, s->r.rd, TEST_IPA, TEST_IPA + SZ_4K, SINGLE, DESC_PAGES(data, 1));
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 3);
	call = CALL(RTT_DATA_MAP, s->r.rd, EMPTY_IPA, EMPTY_IPA + SZ_4K, SINGLE,
		    DESC_PAGES(data, 1));
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 1);
	call = CALL(RTT_DATA_MAP, s->r.rd, TEST_IPA + SZ_2M, TEST_IPA + SZ_2M + SZ_4K, SINGLE,
		    DESC_PAGES(data, 1));
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 2);

	/* oaddr_list_align, oaddr_list_pas */
	list[0] = DESC_PAGES(data, 1);
	call = CALL(RTT_DATA_MAP, s->r.rd, TEST_FREE_IPA, TEST_FREE_IPA + SZ_4K, LIST(1),
		    (u64)list);
	REFUSE(&call,
	       INPUT("oaddr_list_align", 5, (u64)list + 4),
	       INPUT("oaddr_list_pas", 5, s->delegated),
	       INPUT("oaddr_list_pas", 5, RMM_BASE));
	require_status(make_call(&call, NULL), RMI_SUCCESS);
	require_status(realm_unmap(&s->r, TEST_FREE_IPA), RMI_SUCCESS);
	scene_destroy(s);
}

/* A descriptor that is refused in a register and in a list */
static void refuse_desc(const struct call *call, u64 *list, u64 desc, const char *condition)
{
	struct call by_list = *call;

	REFUSE(call, INPUT(condition, 5, desc));

	list[0] = desc;
	by_list.arg[4] &= ~RMI_RTT_PROT_MAP_FLAGS_OADDR_TYPE;
	by_list.arg[4] |= LIST(1);
	REFUSE(&by_list, INPUT(condition, 5, (u64)list));
}

/* @call maps a page; @block: aligned for a block at level 2, not for one at level 1 */
static void refuse_malformed(const struct call *call, phys_addr_t block)
{
	u64 *list = ns_page();

	for (unsigned int bit = 52; bit < 63; bit++)
		refuse_desc(call, list, call->arg[5] | BIT_ULL(bit), "reserved bit");
	refuse_desc(call, list, DESC_BLOCKS(block + SZ_4K, 1), "address of a level 2 block");
	refuse_desc(call, list, DESC_BLOCKS(block + SZ_1M, 1), "address of a level 2 block");
	refuse_desc(call, list, block | FIELD_PREP(RMI_ADDR_RANGE_DESC4_KB_COUNT, 1) |
		    FIELD_PREP(RMI_ADDR_RANGE_DESC4_KB_SIZE, RMI_BLOCK_L1),
		    "address of a level 1 block");
}

static void data_map_malformed(void)
{
	struct scene *s = scene_create();
	phys_addr_t block = delegated_pages(PAGES_PER_BLOCK);
	struct call call = CALL(RTT_DATA_MAP, s->r.rd, TEST_FREE_IPA, TEST_FREE_IPA + SZ_4K,
				SINGLE, DESC_PAGES(block, 1));

	refuse_malformed(&call, block);
	require_status(make_call(&call, NULL), RMI_SUCCESS);
	require_status(realm_unmap(&s->r, TEST_FREE_IPA), RMI_SUCCESS);
	scene_destroy(s);
}

static bool has_lpa2(void)
{
	struct rmi_features_out reg0;

	require_status(rmi_features(0, &reg0), RMI_SUCCESS);
	return reg0.value & RMI_FEATURE_REGISTER0_LPA2;
}

/* Here the memory is the host's, whose state the RMM does not look at. */
static void unprot_malformed(void)
{
	struct scene *s = scene_create();
	phys_addr_t block = (phys_addr_t)ns_pages(PAGES_PER_BLOCK);
	u64 ipa = realm_shared(&s->r, TEST_IPA);
	struct call call = CALL(RTT_UNPROT_MAP, s->r.rd, ipa, ipa + SZ_4K, SINGLE | UNPROT_ATTRS,
				DESC_PAGES(block, 1));
	u64 *list = ns_page();

	require_status(realm_table(&s->r, ipa, 3), RMI_SUCCESS);
	refuse_malformed(&call, block);
	if (!has_lpa2()) {
		for (unsigned int bit = 48; bit < 52; bit++)
			refuse_desc(&call, list, DESC_PAGES(block | BIT_ULL(bit), 1), "48 bits");
		refuse_desc(&call, list, DESC_PAGES(BIT_ULL(48) - SZ_4K, 2), "48 bits");
		refuse_desc(&call, list, DESC_BLOCKS(BIT_ULL(48) - SZ_2M, 1023), "48 bits");
	}
	require_status(make_call(&call, NULL), RMI_SUCCESS);
	scene_destroy(s);
}

/* No failure condition is about the realm's state: the host may map what it takes away later. */
static void data_map_any_state(void)
{
	struct scene *s = scene_create();
	phys_addr_t data = delegated_page();
	struct call call = CALL(RTT_DATA_MAP, s->r.rd, TEST_FREE_IPA, TEST_FREE_IPA + SZ_4K,
				SINGLE, DESC_PAGES(data, 1));
	struct call destroy = CALL(REALM_DESTROY, s->r.rd);

	require_status(realm_terminate(&s->r), RMI_SUCCESS);
	require_status(make_call(&call, NULL), RMI_SUCCESS);
	check_eq(read_entry(&s->r, TEST_FREE_IPA, 3).state, RMI_RTTE_DATA);
	check_status(make_call(&destroy, NULL), RMI_ERROR_REALM);
	require_status(realm_unmap(&s->r, TEST_FREE_IPA), RMI_SUCCESS);

	require_status(realm_map_shared(&s->r, realm_shared(&s->r, TEST_IPA), s->ns, 3),
		       RMI_SUCCESS);
	scene_destroy(s);
}

/*
 * MemAttr comes back as it was given. Of S2AP, bit 1 allows reads and bit 0 allows writes. What
 * is reserved is refused.
 */
static void unprot_attributes(void)
{
	struct scene *s = scene_create();
	u64 ipa = realm_shared(&s->r, TEST_IPA);
	struct call map = CALL(RTT_UNPROT_MAP, s->r.rd, ipa, ipa + SZ_4K, 0,
			       DESC_PAGES(s->ns, 1));
	struct call unmap = CALL(RTT_UNPROT_UNMAP, s->r.rd, ipa, ipa + SZ_4K, 0, 0);

	require_status(realm_table(&s->r, ipa, 3), RMI_SUCCESS);
	for (u64 attr = 0; attr < 8; attr++) {
		for (u64 ap = 0; ap < 16; ap++) {
			const u64 desc = (ap & RMI_S2AP_DIRECT_READ ? ENTRY_S2AP_R : 0) |
					 (ap & RMI_S2AP_DIRECT_WRITE ? ENTRY_S2AP_W : 0);

			map.arg[4] = SINGLE | FIELD_PREP(RMI_RTT_UNPROT_MAP_FLAGS_MEMATTR, attr) |
				     FIELD_PREP(RMI_RTT_UNPROT_MAP_FLAGS_S2AP, ap);
			if (attr == MEMATTR_RESERVED || ap > S2AP_READ_WRITE) {
				check_status(make_call(&map, NULL), RMI_ERROR_INPUT);
				continue;
			}
			require_status(make_call(&map, NULL), RMI_SUCCESS);
			check_eq(read_entry(&s->r, ipa, 3).desc, s->ns | attr << 2 | desc);
			require_status(make_call(&unmap, NULL), RMI_SUCCESS);
		}
	}
	scene_destroy(s);
}

/* Call a range command again from where it got to, until it is through. */
static void unmap_range(struct call *call)
{
	u64 out[7];

	while (call->arg[2] < call->arg[3]) {
		require_status(make_call(call, out), RMI_SUCCESS);
		require(out[1] > call->arg[2] && out[1] <= call->arg[3]);
		call->arg[2] = out[1];
	}
}

static void data_map(void)
{
	struct scene *s = scene_create();
	phys_addr_t data = delegated_page();
	struct call call = CALL(RTT_DATA_MAP, s->r.rd, TEST_FREE_IPA, TEST_FREE_IPA + SZ_4K,
				SINGLE, DESC_PAGES(data, 1));
	struct entry e;
	u64 out[7];

	require_status(make_call(&call, out), RMI_SUCCESS);
	check_eq(out[1], TEST_FREE_IPA + SZ_4K);
	e = read_entry(&s->r, TEST_FREE_IPA, 3);
	check_eq(e.level, 3);
	check_eq(e.state, RMI_RTTE_DATA);
	check_eq(e.ripas, RMI_RIPAS_EMPTY);
	check_eq(e.desc & ENTRY_PA, data);
	check_status(undelegate(data, GRANULE_SIZE), RMI_ERROR_INPUT);

	call = CALL(RTT_DATA_UNMAP, s->r.rd, TEST_FREE_IPA, TEST_FREE_IPA + SZ_4K, SINGLE, 0);
	require_status(make_call(&call, out), RMI_SUCCESS);
	check_eq(out[1], TEST_FREE_IPA + SZ_4K);
	check_eq(out[2] & RMI_ADDR_RANGE_DESC4_KB_ADDR, data);
	check_eq(FIELD_GET(RMI_ADDR_RANGE_DESC4_KB_COUNT, out[2]), 1);
	check_eq(FIELD_GET(RMI_ADDR_RANGE_DESC4_KB_SIZE, out[2]), RMI_PAGE_L3);
	check_eq(out[3], 0);
	/* RIPAS EMPTY stays EMPTY. */
	check_entry(&s->r, TEST_FREE_IPA, 3, 3, RMI_RTTE_VOID, RMI_RIPAS_EMPTY);
	check_status(undelegate(data, GRANULE_SIZE), RMI_SUCCESS);
	scene_destroy(s);
}

/* The host takes memory away that the realm uses: RAM becomes DESTROYED. */
static void data_unmap_ripas(void)
{
	struct scene *s = scene_create();

	require_status(realm_init_ripas(&s->r, TEST_IPA, TEST_IPA + SZ_4K), RMI_SUCCESS);
	check_entry(&s->r, TEST_IPA, 3, 3, RMI_RTTE_DATA, RMI_RIPAS_RAM);
	require_status(realm_unmap(&s->r, TEST_IPA), RMI_SUCCESS);
	check_entry(&s->r, TEST_IPA, 3, 3, RMI_RTTE_VOID, RMI_RIPAS_DESTROYED);

	/* Memory alone does not change that. */
	require_status(realm_map(&s->r, TEST_IPA), RMI_SUCCESS);
	check_entry(&s->r, TEST_IPA, 3, 3, RMI_RTTE_DATA, RMI_RIPAS_DESTROYED);
	require_status(realm_unmap(&s->r, TEST_IPA), RMI_SUCCESS);
	check_entry(&s->r, TEST_IPA, 3, 3, RMI_RTTE_VOID, RMI_RIPAS_DESTROYED);
	scene_destroy(s);
}

/* Three pages that are not contiguous, by a list; and back by a list. */
static void data_lists(void)
{
	struct scene *s = scene_create();
	phys_addr_t pool = delegated_pages(8);
	phys_addr_t pa[3] = { pool + 4 * SZ_4K, pool, pool + 2 * SZ_4K };
	u64 *list = ns_page();
	struct call call;
	u64 top = TEST_FREE_IPA + 3 * SZ_4K;
	unsigned int seen = 0;
	u64 out[7];

	for (unsigned int i = 0; i < 3; i++)
		list[i] = DESC_PAGES(pa[i], 1);
	call = CALL(RTT_DATA_MAP, s->r.rd, TEST_FREE_IPA, top, LIST(3), (u64)list);
	while (call.arg[2] < top) {
		require_status(make_call(&call, out), RMI_SUCCESS);
		require(out[1] > call.arg[2] && out[1] <= top);
		/* The list goes with the range. */
		call.arg[5] += (out[1] - call.arg[2]) / SZ_4K * sizeof(*list);
		call.arg[4] = LIST((top - out[1]) / SZ_4K);
		call.arg[2] = out[1];
	}
	for (unsigned int i = 0; i < 3; i++)
		check_eq(read_entry(&s->r, TEST_FREE_IPA + i * SZ_4K, 3).desc & ENTRY_PA, pa[i]);

	call = CALL(RTT_DATA_UNMAP, s->r.rd, TEST_FREE_IPA, top, LIST(3), (u64)list);
	while (call.arg[2] < top) {
		require_status(make_call(&call, out), RMI_SUCCESS);
		require(out[1] > call.arg[2] && out[3] > 0 && out[3] <= 3 - seen);
		check_eq(out[2], 0);
		for (unsigned int i = 0; i < out[3]; i++)
			check_eq(list[i] & RMI_ADDR_RANGE_DESC4_KB_ADDR, pa[seen + i]);
		seen += out[3];
		call.arg[2] = out[1];
	}
	check_eq(seen, 3);
	scene_destroy(s);
}

/* A block at level 2: mapped as one entry, refused in part, given back whole. */
static void data_block(void)
{
	struct scene *s = scene_create();
	phys_addr_t pa = delegated_pages(PAGES_PER_BLOCK), delegated = delegated_page();
	u64 ipa = TEST_IPA + SZ_2M;
	struct call call = CALL(RTT_DATA_MAP, s->r.rd, ipa, ipa + SZ_2M, SINGLE,
				DESC_BLOCKS(pa, 1));
	struct entry e;
	u64 out[7];

	require_status(make_call(&call, out), RMI_SUCCESS);
	check_eq(out[1], ipa + SZ_2M);
	e = read_entry(&s->r, ipa, 3);
	check_eq(e.level, 2);
	check_eq(e.state, RMI_RTTE_DATA);
	check_eq(e.desc & ENTRY_PA, pa);
	check_status(undelegate(pa + 17 * SZ_4K, GRANULE_SIZE), RMI_ERROR_INPUT);

	/* rtte_state: neither a block again nor a page in it */
	call.arg[5] = DESC_PAGES(delegated, 1);
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 2);
	call.arg[2] += SZ_4K;
	call.arg[3] = call.arg[2] + SZ_4K;
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 2);

	/* rtte_size at its start, and where it has been begun already */
	call = CALL(RTT_DATA_UNMAP, s->r.rd, ipa, ipa + SZ_4K, SINGLE, 0);
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 2);
	call = CALL(RTT_DATA_UNMAP, s->r.rd, ipa + SZ_4K, ipa + SZ_2M, SINGLE, 0);
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 2);

	/* The RIPAS is that of the block: of all of it or nothing. */
	check_status_level(realm_init_ripas(&s->r, ipa, ipa + SZ_4K), RMI_ERROR_RTT, 2);
	check_status_level(realm_init_ripas(&s->r, ipa + SZ_4K, ipa + SZ_2M), RMI_ERROR_RTT, 2);
	check_eq(read_entry(&s->r, ipa, 3).ripas, RMI_RIPAS_EMPTY);
	require_status(realm_init_ripas(&s->r, ipa, ipa + SZ_2M), RMI_SUCCESS);
	check_entry(&s->r, ipa, 3, 2, RMI_RTTE_DATA, RMI_RIPAS_RAM);

	call = CALL(RTT_DATA_UNMAP, s->r.rd, ipa, ipa + SZ_2M, SINGLE, 0);
	require_status(make_call(&call, out), RMI_SUCCESS);
	check_eq(read_entry(&s->r, ipa, 3).ripas, RMI_RIPAS_DESTROYED);
	check_eq(out[1], ipa + SZ_2M);
	check_eq(out[2] & RMI_ADDR_RANGE_DESC4_KB_ADDR, pa);
	check_eq(FIELD_GET(RMI_ADDR_RANGE_DESC4_KB_SIZE, out[2]), RMI_BLOCK_L2);
	check_eq(FIELD_GET(RMI_ADDR_RANGE_DESC4_KB_COUNT, out[2]), 1);
	check_status(undelegate(pa, SZ_2M), RMI_SUCCESS);
	scene_destroy(s);
}

/* As many pages as one descriptor can hold, which are more than a table has */
static void data_max_count(void)
{
	const unsigned int count = 1023;
	struct scene *s = scene_create();
	phys_addr_t pa = delegated_pages(count);
	u64 top = TEST_FREE_IPA + count * SZ_4K;
	struct call map = CALL(RTT_DATA_MAP, s->r.rd, TEST_FREE_IPA, top, SINGLE,
			       DESC_PAGES(pa, count));
	struct call unmap = CALL(RTT_DATA_UNMAP, s->r.rd, TEST_FREE_IPA, top, SINGLE, 0);
	unsigned int seen = 0, calls = 0;
	u64 out[7];

	for (u64 ipa = TEST_IPA; ipa < top; ipa += SZ_2M)
		require_status(realm_table(&s->r, ipa, 3), RMI_SUCCESS);
	while (map.arg[2] < top) {
		require_status(make_call(&map, out), RMI_SUCCESS);
		require(out[1] > map.arg[2] && out[1] <= top);
		map.arg[2] = out[1];
		map.arg[5] = DESC_PAGES(pa + (out[1] - TEST_FREE_IPA), (top - out[1]) / SZ_4K);
	}
	check_eq(read_entry(&s->r, top - SZ_4K, 3).desc & ENTRY_PA, pa + (count - 1) * SZ_4K);
	check_eq(read_entry(&s->r, top, 3).state, RMI_RTTE_VOID);

	while (unmap.arg[2] < top) {
		require_status(make_call(&unmap, out), RMI_SUCCESS);
		require(out[1] > unmap.arg[2] && out[1] <= top);
		check_eq(out[2] & RMI_ADDR_RANGE_DESC4_KB_ADDR, pa + seen * SZ_4K);
		check_eq(FIELD_GET(RMI_ADDR_RANGE_DESC4_KB_COUNT, out[2]),
			 (out[1] - unmap.arg[2]) / SZ_4K);
		seen += FIELD_GET(RMI_ADDR_RANGE_DESC4_KB_COUNT, out[2]);
		unmap.arg[2] = out[1];
		calls++;
	}
	check_eq(seen, count);
	/* Contiguous pages are one range. */
	check(calls < count / 2);
	scene_destroy(s);
}

/* Where an entry of level 2 is: neither its IPA, nor its PA, nor its size may be cut. */
static void data_block_cut(void)
{
	struct scene *s = scene_create();
	phys_addr_t pa = delegated_pages(2 * PAGES_PER_BLOCK);
	u64 ipa = TEST_IPA + SZ_2M;
	struct call call = CALL(RTT_DATA_MAP, s->r.rd, ipa + SZ_4K, ipa + SZ_2M + SZ_4K, SINGLE,
				DESC_BLOCKS(pa, 1));

	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 2);
	call = CALL(RTT_DATA_MAP, s->r.rd, ipa, ipa + SZ_4K, SINGLE, DESC_BLOCKS(pa, 1));
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 2);
	call = CALL(RTT_DATA_MAP, s->r.rd, ipa, ipa + SZ_2M, SINGLE,
		    DESC_PAGES(pa + SZ_4K, PAGES_PER_BLOCK));
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 2);
	/* Less memory than IPA space: what that gives is not specified, but no block. */
	call.arg[5] = DESC_PAGES(pa, PAGES_PER_BLOCK - 1);
	check(!rmi_ok(make_call(&call, NULL)));

	check_eq(read_entry(&s->r, ipa, 3).state, RMI_RTTE_VOID);
	check_eq(read_entry(&s->r, ipa + SZ_2M, 3).state, RMI_RTTE_VOID);
	check_status(undelegate(pa, 2 * SZ_2M), RMI_SUCCESS);
	scene_destroy(s);
}

/* This RMM makes no block of 1 GB at once; the first granule of this one is DELEGATED. */
static void data_block_1g(void)
{
	const phys_addr_t pa = 2 * SZ_1G;
	struct scene *s;
	struct call call;

	if (!test_control())
		skip_test("what is too large is the RMM's choice");

	s = scene_create();
	require_status(delegate(pa, GRANULE_SIZE), RMI_SUCCESS);
	call = CALL(RTT_DATA_MAP, s->r.rd, EMPTY_IPA, EMPTY_IPA + SZ_1G, SINGLE,
		    pa | FIELD_PREP(RMI_ADDR_RANGE_DESC4_KB_COUNT, 1) |
		    FIELD_PREP(RMI_ADDR_RANGE_DESC4_KB_SIZE, RMI_BLOCK_L1));
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 1);
	check_status(undelegate(pa, GRANULE_SIZE), RMI_SUCCESS);
	scene_destroy(s);
}

/* A list of two addresses of which the host says that it has one */
static void data_list_ends(void)
{
	struct scene *s = scene_create();
	phys_addr_t pa = delegated_pages(2);
	u64 *list = ns_page();
	struct call call = CALL(RTT_DATA_MAP, s->r.rd, TEST_FREE_IPA, TEST_FREE_IPA + 2 * SZ_4K,
				LIST(1), (u64)list);
	rmi_status_t st;
	u64 out[7];

	list[0] = DESC_PAGES(pa, 1);
	list[1] = DESC_PAGES(pa + SZ_4K, 1);
	st = make_call(&call, out);
	check_eq(read_entry(&s->r, TEST_FREE_IPA + SZ_4K, 3).state, RMI_RTTE_VOID);
	if (rmi_ok(st)) {
		check_eq(out[1], TEST_FREE_IPA + SZ_4K);
		require_status(realm_unmap(&s->r, TEST_FREE_IPA), RMI_SUCCESS);
	}
	scene_destroy(s);
}

/* What has no list takes no more than one range. */
static void data_unmap_single(void)
{
	struct scene *s = scene_create();
	phys_addr_t pool = delegated_pages(4);
	const phys_addr_t pa[] = { pool + 3 * SZ_4K, pool, pool + SZ_4K };
	u64 top = TEST_FREE_IPA + ARRAY_SIZE(pa) * SZ_4K;
	struct call call = CALL(RTT_DATA_UNMAP, s->r.rd, TEST_FREE_IPA, top, SINGLE, 0);
	unsigned int seen = 0;
	u64 out[7];

	for (unsigned int i = 0; i < ARRAY_SIZE(pa); i++)
		require_status(realm_map_pa(&s->r, TEST_FREE_IPA + i * SZ_4K, pa[i]), RMI_SUCCESS);
	s->r.nr_pages -= ARRAY_SIZE(pa);

	while (call.arg[2] < top) {
		unsigned int count;

		require_status(make_call(&call, out), RMI_SUCCESS);
		require(out[1] > call.arg[2] && out[1] <= top);
		count = FIELD_GET(RMI_ADDR_RANGE_DESC4_KB_COUNT, out[2]);
		check_eq(out[1] - call.arg[2], count * SZ_4K);
		check_eq(out[2] & RMI_ADDR_RANGE_DESC4_KB_ADDR, pa[seen]);
		/* The first page stands alone. */
		check(seen || count == 1);
		seen += count;
		call.arg[2] = out[1];
	}
	check_eq(seen, ARRAY_SIZE(pa));
	scene_destroy(s);
}

/* Bytes that the descriptors of a list say, each of which says some */
static u64 list_size(const u64 *list, u64 count)
{
	u64 pages = 0;

	for (u64 i = 0; i < count; i++) {
		require(FIELD_GET(RMI_ADDR_RANGE_DESC4_KB_COUNT, list[i]) > 0);
		check_eq(FIELD_GET(RMI_ADDR_RANGE_DESC4_KB_STATE, list[i]), RMI_OP_MEM_DELEGATED);
		pages += FIELD_GET(RMI_ADDR_RANGE_DESC4_KB_COUNT, list[i]);
	}
	return pages * SZ_4K;
}

/* Pages with a hole among them: an answer is about mapped ones, or about a hole. */
static void unmap_with_hole(u64 type)
{
	struct scene *s = scene_create();
	const u64 top = TEST_FREE_IPA + 6 * SZ_4K;
	phys_addr_t pa = delegated_pages(6);
	u64 *list = ns_page();
	struct call call = CALL(RTT_DATA_UNMAP, s->r.rd, TEST_FREE_IPA, top, type, (u64)list);
	u64 out[7], size, seen = 0;

	for (unsigned int i = 0; i < 6; i++) {
		if (i != 2 && i != 3)
			require_status(realm_map_pa(&s->r, TEST_FREE_IPA + i * SZ_4K,
						    pa + i * SZ_4K), RMI_SUCCESS);
	}
	s->r.nr_pages -= 4;

	while (call.arg[2] < top) {
		memset(list, 0, GRANULE_SIZE);
		require_status(make_call(&call, out), RMI_SUCCESS);
		require(out[1] > call.arg[2] && out[1] <= top);
		size = type == SINGLE ? list_size(&out[2], !!out[2]) : list_size(list, out[3]);
		check(!size || size == out[1] - call.arg[2]);
		seen += size;
		call.arg[2] = out[1];
	}
	check_eq(seen, 4 * SZ_4K);
	scene_destroy(s);
}

static void data_unmap_hole(void)
{
	unmap_with_hole(SINGLE);
	unmap_with_hole(LIST(512));
}

/* This RMM returns early from a range when the host has an interrupt to take. */
static void stops_for_interrupt(void)
{
	phys_addr_t pa, other;
	struct scene *s;
	struct call call;
	u64 top, out[7];

	if (!test_control())
		skip_test("when to return early is the RMM's choice");

	s = scene_create();
	pa = delegated_pages(16);
	other = delegated_pages(2);
	top = TEST_FREE_IPA + 16 * SZ_4K;
	timer_start(0);
	wait_for(irq_pending() == TIMER_INTID);

	call = CALL(RTT_DATA_MAP, s->r.rd, TEST_FREE_IPA, top, SINGLE, DESC_PAGES(pa, 16));
	require_status(make_call(&call, out), RMI_SUCCESS);
	check_eq(out[1], TEST_FREE_IPA + SZ_4K);
	timer_stop();
	call = CALL(RTT_DATA_MAP, s->r.rd, out[1], top, SINGLE, DESC_PAGES(pa + SZ_4K, 15));
	require_status(make_call(&call, out), RMI_SUCCESS);
	check_eq(out[1], top);

	timer_start(0);
	wait_for(irq_pending() == TIMER_INTID);
	call = CALL(RTT_INIT_RIPAS, s->r.rd, TEST_FREE_IPA, top);
	require_status(make_call(&call, out), RMI_SUCCESS);
	check_eq(out[1], TEST_FREE_IPA + SZ_4K);
	call = CALL(RTT_DATA_UNMAP, s->r.rd, TEST_FREE_IPA, top, 0, 0);
	require_status(make_call(&call, out), RMI_SUCCESS);
	check_eq(out[1], TEST_FREE_IPA + SZ_4K);
	call = CALL(GRANULE_RANGE_UNDELEGATE, other, other + 2 * SZ_4K);
	require_status(make_call(&call, out), RMI_SUCCESS);
	check_eq(out[1], other + SZ_4K);
	timer_stop();

	call = CALL(RTT_DATA_UNMAP, s->r.rd, TEST_FREE_IPA, top, 0, 0);
	require_status(make_call(&call, out), RMI_SUCCESS);
	check_eq(out[1], top);
	scene_destroy(s);
}

/* One granule of the block is not DELEGATED: nothing may be mapped. */
static void data_block_refused(void)
{
	struct scene *s = scene_create();
	phys_addr_t pa = delegated_pages(PAGES_PER_BLOCK);
	u64 ipa = TEST_IPA + SZ_2M;
	struct call call = CALL(RTT_DATA_MAP, s->r.rd, ipa, ipa + SZ_2M, SINGLE,
				DESC_BLOCKS(pa, 1));

	require_status(undelegate(pa + 300 * SZ_4K, GRANULE_SIZE), RMI_SUCCESS);
	check_status(make_call(&call, NULL), RMI_ERROR_INPUT);
	check_eq(read_entry(&s->r, ipa, 3).state, RMI_RTTE_VOID);
	check_status(undelegate(pa, 300 * SZ_4K), RMI_SUCCESS);
	scene_destroy(s);
}

/* A block where there is a table of pages, a page where there is none */
static void data_block_in_table(void)
{
	struct scene *s = scene_create();
	phys_addr_t pa = delegated_pages(PAGES_PER_BLOCK);
	u64 ipa = TEST_IPA + SZ_2M;
	struct call call = CALL(RTT_DATA_MAP, s->r.rd, ipa, ipa + SZ_2M, SINGLE,
				DESC_BLOCKS(pa, 1));
	rmi_status_t status;
	struct entry e;
	u64 out[7];

	/*
	 * A table is in the way. An RMM may take the block for pages, or stop at the level of
	 * the block; it makes no block of it.
	 */
	require_status(realm_table(&s->r, ipa, 3), RMI_SUCCESS);
	status = make_call(&call, out);
	if (rmi_ok(status)) {
		e = read_entry(&s->r, ipa, 3);
		check_eq(e.level, 3);
		check_eq(e.state, RMI_RTTE_DATA);
		check_eq(e.desc & ENTRY_PA, pa);
		call = CALL(RTT_DATA_UNMAP, s->r.rd, ipa, out[1], SINGLE, 0);
		unmap_range(&call);
	} else {
		check_status_level(status, RMI_ERROR_RTT, 2);
	}
	check_eq(read_entry(&s->r, ipa, 3).state, RMI_RTTE_VOID);

	/* Without it there is no place for a page. */
	call = CALL(RTT_FOLD, s->r.rd, ipa, 3);
	require_status(make_call(&call, NULL), RMI_SUCCESS);
	s->r.nr_tables--;
	call = CALL(RTT_DATA_MAP, s->r.rd, ipa, ipa + SZ_4K, SINGLE, DESC_PAGES(pa, 1));
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 2);
	check_status(undelegate(pa, SZ_2M), RMI_SUCCESS);
	scene_destroy(s);
}

static void data_unmap_refuses(void)
{
	struct scene *s = scene_create();
	u64 *list = ns_page();
	struct call call = CALL(RTT_DATA_UNMAP, s->r.rd, TEST_IPA, TEST_IPA + SZ_4K, LIST(1),
				(u64)list);

	refuse_not_rd(s, &call, 1);
	REFUSE(&call,
	       INPUT("base_align", 2, TEST_IPA + 8),
	       INPUT("top_align", 3, TEST_IPA + SZ_4K + 8),
	       INPUT("size_valid", 3, TEST_IPA),
	       INPUT("ipa_bound", 3, realm_shared(&s->r, 0) + SZ_4K),
	       INPUT("oaddr_align", 5, (u64)list + 4),
	       INPUT("oaddr_list_pas", 5, s->delegated),
	       INPUT("oaddr_list_pas", 5, RMM_BASE));
	call = CALL(RTT_DATA_UNMAP, s->r.rd, realm_shared(&s->r, TEST_IPA),
		    realm_shared(&s->r, TEST_IPA) + SZ_4K, SINGLE, 0);
	check_status(make_call(&call, NULL), RMI_ERROR_INPUT);
	check_entry(&s->r, TEST_IPA, 3, 3, RMI_RTTE_DATA, RMI_RIPAS_EMPTY);

	/* The list is looked at also when there is nothing to be written to it. */
	call = CALL(RTT_DATA_UNMAP, s->r.rd, TEST_FREE_IPA, TEST_FREE_IPA + SZ_4K, LIST(1),
		    (u64)list);
	REFUSE(&call,
	       INPUT("oaddr_type", 4, 3),
	       INPUT("oaddr_align", 5, (u64)list + 4),
	       INPUT("oaddr_list_pas", 5, s->delegated),
	       INPUT("oaddr_list_pas", 5, RMM_BASE));
	scene_destroy(s);
}

static void unprot_refuses(void)
{
	struct scene *s = scene_create();
	u64 *list = ns_page();
	u64 ipa = realm_shared(&s->r, TEST_IPA);
	struct call call = CALL(RTT_UNPROT_MAP, s->r.rd, ipa, ipa + SZ_4K, SINGLE | UNPROT_ATTRS,
				DESC_PAGES(s->ns, 1));

	/* rtte_size before the tables exist */
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 1);
	require_status(realm_table(&s->r, ipa, 3), RMI_SUCCESS);

	refuse_not_rd(s, &call, 1);
	REFUSE(&call,
	       INPUT("base_align", 2, ipa + 8),
	       INPUT("top_align", 3, ipa + SZ_4K + 8),
	       INPUT("size_valid", 3, ipa),
	       INPUT("size_valid", 3, ipa - SZ_4K),
	       INPUT("ipa_bound", 2, realm_shared(&s->r, 0) - SZ_4K),
	       INPUT("oaddr_type", 4, RMI_ADDR_TYPE_NONE | UNPROT_ATTRS),
	       INPUT("oaddr_type", 4, 3 | UNPROT_ATTRS));
	list[0] = DESC_PAGES(s->ns, 1);
	call.arg[4] = LIST(1) | UNPROT_ATTRS;
	call.arg[5] = (u64)list;
	REFUSE(&call,
	       INPUT("oaddr_align", 5, (u64)list + 4),
	       INPUT("oaddr_list_pas", 5, s->delegated),
	       INPUT("oaddr_list_pas", 5, RMM_BASE));

	require_status(make_call(&call, NULL), RMI_SUCCESS);
	/* rtte_state: mapped already */
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 3);

	call = CALL(RTT_UNPROT_UNMAP, s->r.rd, ipa, ipa + SZ_4K, LIST(1), (u64)list);
	refuse_not_rd(s, &call, 1);
	REFUSE(&call,
	       INPUT("base_align", 2, ipa + 8),
	       INPUT("top_align", 3, ipa + SZ_4K + 8),
	       INPUT("size_valid", 3, ipa),
	       INPUT("ipa_bound", 2, realm_shared(&s->r, 0) - SZ_4K),
	       INPUT("oaddr_align", 5, (u64)list + 4),
	       INPUT("oaddr_list_pas", 5, s->delegated));
	require_status(make_call(&call, NULL), RMI_SUCCESS);
	/* rtte_state: not mapped any more */
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 3);
	scene_destroy(s);
}

static void unprot_map(void)
{
	struct scene *s = scene_create();
	u64 ipa = realm_shared(&s->r, TEST_IPA);
	struct call call;
	struct entry e;
	u64 out[7];

	require_status(realm_map_shared(&s->r, ipa, s->ns, S2AP_READ_WRITE), RMI_SUCCESS);
	e = read_entry(&s->r, ipa, 3);
	check_eq(e.level, 3);
	check_eq(e.state, RMI_RTTE_DATA);
	check_eq(e.desc & ENTRY_PA, s->ns);
	check_eq(e.desc & ENTRY_S2AP, ENTRY_S2AP_R | ENTRY_S2AP_W);

	call = CALL(RTT_UNPROT_UNMAP, s->r.rd, ipa, ipa + SZ_4K, SINGLE, 0);
	require_status(make_call(&call, out), RMI_SUCCESS);
	check_eq(out[1], ipa + SZ_4K);
	check_eq(out[2] & RMI_ADDR_RANGE_DESC4_KB_ADDR, s->ns);
	check_eq(FIELD_GET(RMI_ADDR_RANGE_DESC4_KB_STATE, out[2]), RMI_OP_MEM_UNDELEGATED);
	check_eq(out[3], 0);
	check_eq(read_entry(&s->r, ipa, 3).state, RMI_RTTE_VOID);
	scene_destroy(s);
}

static void unprot_block(void)
{
	struct scene *s = scene_create();
	u64 ipa = realm_shared(&s->r, TEST_IPA) + SZ_2M;
	phys_addr_t pa = (phys_addr_t)ns_pages(PAGES_PER_BLOCK);
	struct call call = CALL(RTT_UNPROT_MAP, s->r.rd, ipa, ipa + SZ_2M, SINGLE | UNPROT_ATTRS,
				DESC_BLOCKS(pa, 1));
	struct entry e;

	require_status(realm_table(&s->r, ipa, 2), RMI_SUCCESS);
	require_status(make_call(&call, NULL), RMI_SUCCESS);
	e = read_entry(&s->r, ipa, 3);
	check_eq(e.level, 2);
	check_eq(e.state, RMI_RTTE_DATA);
	check_eq(e.desc & ENTRY_PA, pa);

	/* rtte_size */
	call = CALL(RTT_UNPROT_UNMAP, s->r.rd, ipa, ipa + SZ_4K, SINGLE, 0);
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 2);

	/* A table under it splits it: the mapping stays. */
	require_status(realm_table(&s->r, ipa, 3), RMI_SUCCESS);
	e = read_entry(&s->r, ipa + 5 * SZ_4K, 3);
	check_eq(e.level, 3);
	check_eq(e.state, RMI_RTTE_DATA);
	check_eq(e.desc & ENTRY_PA, pa + 5 * SZ_4K);

	call = CALL(RTT_FOLD, s->r.rd, ipa, 3);
	require_status(make_call(&call, NULL), RMI_SUCCESS);
	s->r.nr_tables--;
	e = read_entry(&s->r, ipa, 3);
	check_eq(e.level, 2);
	check_eq(e.desc & ENTRY_PA, pa);

	call = CALL(RTT_UNPROT_UNMAP, s->r.rd, ipa, ipa + SZ_2M, SINGLE, 0);
	unmap_range(&call);
	check_eq(read_entry(&s->r, ipa, 3).state, RMI_RTTE_VOID);
	scene_destroy(s);
}

/* A walk has to begin within the IPA space (A5.6.10). */
static void unprot_outside(void)
{
	const u64 ipa = UL(1) << REALM_IPA_BITS;
	struct scene *s = scene_create();
	const struct call calls[] = {
		CALL(RTT_UNPROT_MAP, s->r.rd, ipa, ipa + SZ_1G, SINGLE | UNPROT_ATTRS,
		     DESC_BLOCKS(SZ_1G, 512)),
		CALL(RTT_UNPROT_UNMAP, s->r.rd, ipa, ipa + SZ_1G, 0, 0),
		CALL(RTT_UNPROT_MAP, s->r.rd, BIT_ULL(63), BIT_ULL(63) + SZ_1G,
		     SINGLE | UNPROT_ATTRS, DESC_BLOCKS(SZ_1G, 512)),
		CALL(RTT_UNPROT_UNMAP, s->r.rd, BIT_ULL(63), BIT_ULL(63) + SZ_1G, 0, 0),
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(calls); i++)
		check_status(make_call(&calls[i], NULL), RMI_ERROR_INPUT);
	scene_destroy(s);
}

/* A mapping of the host's memory keeps no table alive. */
static void unprot_not_live(void)
{
	struct scene *s = scene_create();
	u64 ipa = realm_shared(&s->r, TEST_IPA);
	struct call call = CALL(RTT_DESTROY, s->r.rd, ipa, 3);

	require_status(realm_map_shared(&s->r, ipa, s->ns, 3), RMI_SUCCESS);
	check_status(make_call(&call, NULL), RMI_SUCCESS);
	s->r.nr_tables--;
	scene_destroy(s);
}

const struct test map_tests[] = {
	{ "RTT_DATA_MAP_INIT", data_map_init },
	{ "RTT_DATA_MAP refuses bad arguments", data_map_refuses },
	{ "RTT_DATA_MAP refuses malformed addresses", data_map_malformed },
	{ "RTT_DATA_MAP in any state of the realm", data_map_any_state },
	{ "RTT_DATA_MAP and RTT_DATA_UNMAP of a page", data_map },
	{ "RTT_DATA_UNMAP makes RAM DESTROYED", data_unmap_ripas },
	{ "RTT_DATA_MAP and RTT_DATA_UNMAP of a list", data_lists },
	{ "RTT_DATA_MAP and RTT_DATA_UNMAP of a block", data_block },
	{ "RTT_DATA_MAP and RTT_DATA_UNMAP of 1023 pages", data_max_count },
	{ "RTT_DATA_UNMAP of pages that are not contiguous, without a list", data_unmap_single },
	{ "RTT_DATA_UNMAP of pages with a hole", data_unmap_hole },
	{ "RTT_DATA_MAP ends with its list", data_list_ends },
	{ "RTT_DATA_MAP refuses a part of a block", data_block_cut },
	{ "RTT_DATA_MAP refuses a block of 1 GB", data_block_1g },
	{ "range commands return early for an interrupt", stops_for_interrupt },
	{ "RTT_DATA_MAP refuses a block with a granule in another state", data_block_refused },
	{ "RTT_DATA_MAP of a block where there is a table", data_block_in_table },
	{ "RTT_DATA_UNMAP refuses bad arguments", data_unmap_refuses },
	{ "RTT_UNPROT_MAP and RTT_UNPROT_UNMAP refuse bad arguments", unprot_refuses },
	{ "RTT_UNPROT_MAP and RTT_UNPROT_UNMAP outside the IPA space", unprot_outside },
	{ "RTT_UNPROT_MAP refuses malformed addresses", unprot_malformed },
	{ "RTT_UNPROT_MAP with each attribute", unprot_attributes },
	{ "RTT_UNPROT_MAP and RTT_UNPROT_UNMAP of a page", unprot_map },
	{ "RTT_UNPROT_MAP of a block, split and folded", unprot_block },
	{ "RTT_DESTROY of a table that maps the host's memory", unprot_not_live },
	{ },
};

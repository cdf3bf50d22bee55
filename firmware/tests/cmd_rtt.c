// SPDX-License-Identifier: GPL-2.0-only
/* RTT_CREATE, RTT_DESTROY, RTT_FOLD, RTT_READ_ENTRY, RTT_INIT_RIPAS: DEN0137 B4.5.64 to B4.5.74 */
#include "refuse.h"

/* The start level of realms is 1 here: 1 GB an entry, 2 MB at level 2. */
#define BLOCK_IPA	ALIGN_DOWN(EMPTY_IPA, SZ_2M)
#define PAGES_PER_BLOCK	(SZ_2M / SZ_4K)

static void refuse_level_and_ipa(const struct call *call, unsigned int ipa, unsigned int level)
{
	REFUSE(call,
	       INPUT("level_bound", level, 1),
	       INPUT("level_bound", level, 0),
	       INPUT("level_bound", level, 4),
	       INPUT("level_bound", level, -1),
	       INPUT("level_bound", level, UL(1) << 32 | 2),
	       INPUT("ipa_align", ipa, call->arg[ipa] + GRANULE_SIZE),
	       INPUT("ipa_align", ipa, call->arg[ipa] + 8),
	       INPUT("ipa_bound", ipa, UL(1) << REALM_IPA_BITS),
	       INPUT("ipa_bound", ipa, BIT_ULL(63)));
}

/* At an IPA that is aligned for every level: nothing but the level is wrong. */
static void refuse_level_above(const struct call *call, unsigned int ipa, unsigned int level)
{
	struct call aligned = *call;

	aligned.arg[ipa] = 0;
	REFUSE(&aligned,
	       INPUT("level_bound", level, REALM_START_LEVEL - 1),
	       INPUT("level_bound", level, 4),
	       INPUT("level_bound", level, -1));
}

/* The same, for commands that are about tables below the starting level */
static void refuse_level(const struct call *call, unsigned int ipa, unsigned int level)
{
	struct call aligned = *call;

	refuse_level_above(call, ipa, level);
	aligned.arg[ipa] = 0;
	REFUSE(&aligned, INPUT("level_bound", level, REALM_START_LEVEL));
}

static void create(void)
{
	struct scene *s = scene_create();
	struct call call = CALL(RTT_CREATE, s->r.rd, delegated_page(), EMPTY_IPA, 2);

	refuse_not_rd(s, &call, 1);
	refuse_not_delegated(s, &call, 2);
	refuse_level_and_ipa(&call, 3, 4);
	refuse_level(&call, 3, 4);
	REFUSE(&call,
	       RTT("rtt_walk", 4, 3, 1),
	       RTT("rtte_state", 3, ALIGN_DOWN(TEST_IPA, SZ_1G), 1));

	require_status(make_call(&call, NULL), RMI_SUCCESS);
	check_entry(&s->r, EMPTY_IPA, 1, 1, RMI_RTTE_TABLE, RMI_RIPAS_EMPTY);
	check_entry(&s->r, EMPTY_IPA, 2, 2, RMI_RTTE_VOID, RMI_RIPAS_EMPTY);
	check_entry(&s->r, EMPTY_IPA + SZ_1G - SZ_2M, 3, 2, RMI_RTTE_VOID, RMI_RIPAS_EMPTY);
	/* rtt_state: it is an RTT now */
	check_status(make_call(&call, NULL), RMI_ERROR_INPUT);

	call = CALL(RTT_DESTROY, s->r.rd, EMPTY_IPA, 2);
	check_status(make_call(&call, NULL), RMI_SUCCESS);
	scene_destroy(s);
}

/* A table below an entry takes over what the entry says. */
static void create_inherits(void)
{
	struct scene *s = scene_create();

	require_status(realm_table(&s->r, EMPTY_IPA, 2), RMI_SUCCESS);
	require_status(realm_init_ripas(&s->r, EMPTY_IPA, EMPTY_IPA + SZ_2M), RMI_SUCCESS);
	require_status(realm_table(&s->r, EMPTY_IPA, 3), RMI_SUCCESS);
	check_entry(&s->r, EMPTY_IPA, 3, 3, RMI_RTTE_VOID, RMI_RIPAS_RAM);
	check_entry(&s->r, EMPTY_IPA + SZ_2M - SZ_4K, 3, 3, RMI_RTTE_VOID, RMI_RIPAS_RAM);
	check_entry(&s->r, EMPTY_IPA + SZ_2M, 3, 2, RMI_RTTE_VOID, RMI_RIPAS_EMPTY);
	scene_destroy(s);
}

static void destroy(void)
{
	struct scene *s = scene_create();
	phys_addr_t table = delegated_page();
	struct call create = CALL(RTT_CREATE, s->r.rd, table, EMPTY_IPA, 2);
	struct call call = CALL(RTT_DESTROY, s->r.rd, EMPTY_IPA, 2);
	u64 out[7];

	require_status(make_call(&create, NULL), RMI_SUCCESS);
	refuse_not_rd(s, &call, 1);
	refuse_level_and_ipa(&call, 2, 3);
	refuse_level(&call, 2, 3);
	REFUSE(&call,
	       /* rtte_state: nothing there */
	       RTT("rtte_state", 2, EMPTY_IPA + SZ_1G, 1),
	       RTT("rtte_state", 3, 3, 2));

	require_status(make_call(&call, out), RMI_SUCCESS);
	check_eq(out[1], table);
	check(out[2] >= EMPTY_IPA + SZ_1G);
	check_entry(&s->r, EMPTY_IPA, 2, 1, RMI_RTTE_VOID, RMI_RIPAS_DESTROYED);
	check_status(undelegate(table, GRANULE_SIZE), RMI_SUCCESS);
	scene_destroy(s);
}

static void destroy_live(void)
{
	struct scene *s = scene_create();
	struct call call = CALL(RTT_DESTROY, s->r.rd, TEST_IPA, 3);
	u64 out[7];

	/* It maps a page; the table above it has a table. */
	check_status_level(make_call(&call, out), RMI_ERROR_RTT, 3);
	check_eq(out[2], TEST_IPA);
	call = CALL(RTT_DESTROY, s->r.rd, ALIGN_DOWN(TEST_IPA, SZ_1G), 2);
	check_status_level(make_call(&call, out), RMI_ERROR_RTT, 2);
	check_eq(out[2], ALIGN_DOWN(TEST_IPA, SZ_1G));
	scene_destroy(s);
}

/* Where there is no table, the next live entry is told: TABLE, DATA, or the host's memory. */
static void destroy_top(void)
{
	struct scene *s = scene_create();
	const u64 block = TEST_IPA + 3 * SZ_2M, end = ALIGN_DOWN(TEST_IPA, SZ_1G) + SZ_1G;
	const u64 shared = realm_shared(&s->r, TEST_IPA);
	struct call call = CALL(RTT_DESTROY, s->r.rd, TEST_IPA + SZ_2M, 3);
	struct call map = CALL(RTT_DATA_MAP, s->r.rd, block, block + SZ_2M, RMI_ADDR_TYPE_SINGLE,
			       DESC_BLOCKS(delegated_pages(PAGES_PER_BLOCK), 1));
	struct call unmap = CALL(RTT_DATA_UNMAP, s->r.rd, block, block + SZ_2M, 0, 0);
	u64 out[7];

	check_status_level(make_call(&call, out), RMI_ERROR_RTT, 2);
	check_eq(out[2], end);

	require_status(make_call(&map, NULL), RMI_SUCCESS);
	check_status_level(make_call(&call, out), RMI_ERROR_RTT, 2);
	check_eq(out[2], block);
	call.arg[2] = block;
	check_status_level(make_call(&call, out), RMI_ERROR_RTT, 2);
	check_eq(out[2], block);
	require_status(make_call(&unmap, NULL), RMI_SUCCESS);

	require_status(realm_table(&s->r, block, 3), RMI_SUCCESS);
	call.arg[2] = TEST_IPA + SZ_2M;
	check_status_level(make_call(&call, out), RMI_ERROR_RTT, 2);
	check_eq(out[2], block);

	map = CALL(RTT_UNPROT_MAP, s->r.rd, shared + SZ_2M, shared + 2 * SZ_2M,
		   RMI_ADDR_TYPE_SINGLE, DESC_BLOCKS((u64)ns_pages(PAGES_PER_BLOCK), 1));
	require_status(realm_table(&s->r, shared, 2), RMI_SUCCESS);
	require_status(make_call(&map, NULL), RMI_SUCCESS);
	call.arg[2] = shared;
	check_status_level(make_call(&call, out), RMI_ERROR_RTT, 2);
	check_eq(out[2], shared + SZ_2M);
	scene_destroy(s);
}

static void destroy_unprotected(void)
{
	struct scene *s = scene_create();
	u64 ipa = realm_shared(&s->r, EMPTY_IPA);
	phys_addr_t table = delegated_page();
	struct call create = CALL(RTT_CREATE, s->r.rd, table, ipa, 2);
	struct call call = CALL(RTT_DESTROY, s->r.rd, ipa, 2);
	u64 out[7];

	require_status(make_call(&create, NULL), RMI_SUCCESS);
	check_eq(read_entry(&s->r, ipa, 1).state, RMI_RTTE_TABLE);
	require_status(make_call(&call, out), RMI_SUCCESS);
	check_eq(out[1], table);
	check_eq(read_entry(&s->r, ipa, 1).state, RMI_RTTE_VOID);
	scene_destroy(s);
}

static void fold_refuses(void)
{
	struct scene *s = scene_create();
	struct call call = CALL(RTT_FOLD, s->r.rd, EMPTY_IPA, 2);
	u64 out[7];

	require_status(realm_table(&s->r, EMPTY_IPA, 2), RMI_SUCCESS);
	refuse_not_rd(s, &call, 1);
	refuse_level_and_ipa(&call, 2, 3);
	refuse_level(&call, 2, 3);
	REFUSE(&call,
	       RTT("rtte_state", 2, EMPTY_IPA + SZ_1G, 1),
	       RTT("rtte_state", 3, 3, 2));
	call = CALL(RTT_FOLD, s->r.rd, TEST_IPA, 3);
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 3);

	call = CALL(RTT_FOLD, s->r.rd, EMPTY_IPA, 2);
	require_status(make_call(&call, out), RMI_SUCCESS);
	check_eq(out[1], s->r.table[--s->r.nr_tables].pa);
	scene_destroy(s);
}

/* Folding keeps what the entries said, and differing RIPAS cannot be folded. */
static void fold_void(void)
{
	struct scene *s = scene_create();
	struct call call = CALL(RTT_FOLD, s->r.rd, BLOCK_IPA, 3);

	require_status(realm_table(&s->r, BLOCK_IPA, 3), RMI_SUCCESS);
	require_status(realm_init_ripas(&s->r, BLOCK_IPA, BLOCK_IPA + SZ_4K), RMI_SUCCESS);
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 3);

	require_status(realm_init_ripas(&s->r, BLOCK_IPA + SZ_4K, BLOCK_IPA + SZ_2M), RMI_SUCCESS);
	require_status(make_call(&call, NULL), RMI_SUCCESS);
	s->r.nr_tables--;
	check_entry(&s->r, BLOCK_IPA, 3, 2, RMI_RTTE_VOID, RMI_RIPAS_RAM);
	scene_destroy(s);
}

static void map_pages(struct scene *s, phys_addr_t pa)
{
	for (unsigned int i = 0; i < PAGES_PER_BLOCK; i++) {
		struct call call = CALL(RTT_DATA_MAP, s->r.rd, BLOCK_IPA + i * SZ_4K,
					BLOCK_IPA + (i + 1) * SZ_4K, RMI_ADDR_TYPE_SINGLE,
					DESC_PAGES(pa + i * SZ_4K, 1));

		require_status(make_call(&call, NULL), RMI_SUCCESS);
	}
}

static void unmap_block(struct scene *s)
{
	for (u64 ipa = BLOCK_IPA; ipa < BLOCK_IPA + SZ_2M;) {
		struct call call = CALL(RTT_DATA_UNMAP, s->r.rd, ipa, BLOCK_IPA + SZ_2M,
					RMI_ADDR_TYPE_SINGLE, 0);
		u64 out[7];

		require_status(make_call(&call, out), RMI_SUCCESS);
		require(out[1] > ipa);
		ipa = out[1];
	}
}

/* 512 contiguous pages become a block, and the block pages again. */
static void fold_data(void)
{
	struct scene *s = scene_create();
	phys_addr_t pa = delegated_pages(PAGES_PER_BLOCK);
	struct call call = CALL(RTT_FOLD, s->r.rd, BLOCK_IPA, 3);
	struct entry e;

	require_status(realm_table(&s->r, BLOCK_IPA, 3), RMI_SUCCESS);
	map_pages(s, pa);
	require_status(make_call(&call, NULL), RMI_SUCCESS);
	s->r.nr_tables--;
	e = read_entry(&s->r, BLOCK_IPA, 3);
	check_eq(e.level, 2);
	check_eq(e.state, RMI_RTTE_DATA);
	check_eq(e.desc & ENTRY_PA, pa);
	check_eq(e.ripas, RMI_RIPAS_EMPTY);

	require_status(realm_table(&s->r, BLOCK_IPA, 3), RMI_SUCCESS);
	e = read_entry(&s->r, BLOCK_IPA + SZ_2M - SZ_4K, 3);
	check_eq(e.level, 3);
	check_eq(e.state, RMI_RTTE_DATA);
	check_eq(e.desc & ENTRY_PA, pa + SZ_2M - SZ_4K);

	unmap_block(s);
	scene_destroy(s);
}

/* As above but two pages have changed places. */
static void fold_not_contiguous(void)
{
	struct scene *s = scene_create();
	struct call call = CALL(RTT_FOLD, s->r.rd, BLOCK_IPA, 3);
	phys_addr_t pa = delegated_pages(PAGES_PER_BLOCK);
	struct call map;

	require_status(realm_table(&s->r, BLOCK_IPA, 3), RMI_SUCCESS);
	map_pages(s, pa);

	for (unsigned int i = 0; i < 2; i++) {
		map = CALL(RTT_DATA_UNMAP, s->r.rd, BLOCK_IPA + i * SZ_4K,
			   BLOCK_IPA + (i + 1) * SZ_4K, 0, 0);
		require_status(make_call(&map, NULL), RMI_SUCCESS);
	}
	for (unsigned int i = 0; i < 2; i++) {
		map = CALL(RTT_DATA_MAP, s->r.rd, BLOCK_IPA + i * SZ_4K,
			   BLOCK_IPA + (i + 1) * SZ_4K, RMI_ADDR_TYPE_SINGLE,
			   DESC_PAGES(pa + (1 - i) * SZ_4K, 1));
		require_status(make_call(&map, NULL), RMI_SUCCESS);
	}
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 3);

	unmap_block(s);
	scene_destroy(s);
}

/* Contiguous, but a block has to be aligned as well. */
static void fold_not_aligned(void)
{
	struct scene *s = scene_create();
	struct call call = CALL(RTT_FOLD, s->r.rd, BLOCK_IPA, 3);
	phys_addr_t pa = delegated_pages(2 * PAGES_PER_BLOCK);

	require_status(realm_table(&s->r, BLOCK_IPA, 3), RMI_SUCCESS);
	map_pages(s, pa + SZ_4K);
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 3);
	check_entry(&s->r, BLOCK_IPA, 3, 3, RMI_RTTE_DATA, RMI_RIPAS_EMPTY);

	unmap_block(s);
	scene_destroy(s);
}

/* All are DATA and contiguous: the last one has to be so too, and be of one RIPAS. */
static void fold_not_homogeneous(void)
{
	const u64 last = BLOCK_IPA + SZ_2M - SZ_4K;
	struct scene *s = scene_create();
	struct call call = CALL(RTT_FOLD, s->r.rd, BLOCK_IPA, 3);
	phys_addr_t pa = delegated_pages(PAGES_PER_BLOCK);
	struct call map = CALL(RTT_DATA_MAP, s->r.rd, last, last + SZ_4K, RMI_ADDR_TYPE_SINGLE,
			       DESC_PAGES(pa + SZ_2M - SZ_4K, 1));

	require_status(realm_table(&s->r, BLOCK_IPA, 3), RMI_SUCCESS);
	map_pages(s, pa);
	require_status(realm_unmap(&s->r, last), RMI_SUCCESS);
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 3);

	require_status(make_call(&map, NULL), RMI_SUCCESS);
	require_status(realm_init_ripas(&s->r, last, last + SZ_4K), RMI_SUCCESS);
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 3);

	require_status(realm_init_ripas(&s->r, BLOCK_IPA, last), RMI_SUCCESS);
	require_status(make_call(&call, NULL), RMI_SUCCESS);
	s->r.nr_tables--;
	check_entry(&s->r, BLOCK_IPA, 3, 2, RMI_RTTE_DATA, RMI_RIPAS_RAM);

	unmap_block(s);
	scene_destroy(s);
}

/* Entries that are tables have to be folded first. */
static void fold_with_table_below(void)
{
	struct scene *s = scene_create();
	struct call call = CALL(RTT_FOLD, s->r.rd, ALIGN_DOWN(EMPTY_IPA, SZ_1G), 2);
	struct call below = CALL(RTT_FOLD, s->r.rd, BLOCK_IPA, 3);

	require_status(realm_table(&s->r, BLOCK_IPA, 3), RMI_SUCCESS);
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 2);
	require_status(make_call(&below, NULL), RMI_SUCCESS);
	s->r.nr_tables--;
	require_status(make_call(&call, NULL), RMI_SUCCESS);
	s->r.nr_tables--;
	check_entry(&s->r, BLOCK_IPA, 3, 1, RMI_RTTE_VOID, RMI_RIPAS_EMPTY);
	scene_destroy(s);
}

/* The host's memory: contiguous, but a page may only be read. */
static void fold_unprotected(void)
{
	struct scene *s = scene_create();
	const u64 ipa = realm_shared(&s->r, BLOCK_IPA), last = ipa + SZ_2M - SZ_4K;
	struct call call = CALL(RTT_FOLD, s->r.rd, ipa, 3);
	phys_addr_t pa = (phys_addr_t)ns_pages(PAGES_PER_BLOCK);

	require_status(realm_table(&s->r, ipa, 3), RMI_SUCCESS);
	for (u64 i = 0; i < PAGES_PER_BLOCK; i++)
		require_status(realm_map_shared(&s->r, ipa + i * SZ_4K, pa + i * SZ_4K,
						ipa + i * SZ_4K == last ? 1 : 3), RMI_SUCCESS);
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 3);

	call = CALL(RTT_UNPROT_UNMAP, s->r.rd, last, last + SZ_4K, RMI_ADDR_TYPE_NONE, 0);
	require_status(make_call(&call, NULL), RMI_SUCCESS);
	call = CALL(RTT_FOLD, s->r.rd, ipa, 3);
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 3);

	require_status(realm_map_shared(&s->r, last, pa + SZ_2M - SZ_4K, 3), RMI_SUCCESS);
	require_status(make_call(&call, NULL), RMI_SUCCESS);
	s->r.nr_tables--;
	check_eq(read_entry(&s->r, ipa, 3).level, 2);
	check_eq(read_entry(&s->r, ipa, 3).desc & ENTRY_PA, pa);
	scene_destroy(s);
}

/* A5.6.6: there are no blocks at level 0. */
static void fold_level1(void)
{
	const u64 ipa = BIT_ULL(47);
	struct call map, fold;
	struct realm r;

	realm_init(&r);
	r.params->s2sz = 48;
	r.params->rtt_level_start = 0;
	r.params->rtt_num_start = 1;
	if (!rmi_ok(realm_create(&r)))
		skip_test("no realms with 48 bits");

	require_status(realm_table(&r, ipa, 1), RMI_SUCCESS);
	map = CALL(RTT_UNPROT_MAP, r.rd, ipa, ipa + 512 * SZ_1G, RMI_ADDR_TYPE_SINGLE,
		   FIELD_PREP(RMI_ADDR_RANGE_DESC4_KB_COUNT, 512) |
		   FIELD_PREP(RMI_ADDR_RANGE_DESC4_KB_SIZE, RMI_BLOCK_L1));
	require_status(make_call(&map, NULL), RMI_SUCCESS);
	require_eq(read_entry(&r, ipa + 511 * SZ_1G, 1).desc & ENTRY_PA, 511 * SZ_1G);
	fold = CALL(RTT_FOLD, r.rd, ipa, 1);
	check_status_level(make_call(&fold, NULL), RMI_ERROR_RTT, 1);
	check_status(realm_destroy(&r), RMI_SUCCESS);
}

static void read(void)
{
	struct scene *s = scene_create();
	struct call call = CALL(RTT_READ_ENTRY, s->r.rd, TEST_IPA, 3);
	u64 out[7];

	refuse_not_rd(s, &call, 1);
	REFUSE(&call,
	       INPUT("level_bound", 3, 0),
	       INPUT("level_bound", 3, 4),
	       INPUT("level_bound", 3, -1),
	       INPUT("ipa_align", 2, TEST_IPA + 8),
	       INPUT("ipa_bound", 2, UL(1) << REALM_IPA_BITS));
	refuse_level_above(&call, 2, 3);
	call.arg[3] = 2;
	REFUSE(&call, INPUT("ipa_align", 2, TEST_IPA + SZ_4K));

	call.arg[3] = 3;
	require_status(make_call(&call, out), RMI_SUCCESS);
	check_eq(out[1], 3);
	check_eq(out[2], RMI_RTTE_DATA);
	check_eq(out[3] & ENTRY_PA, s->data);
	check_eq(out[4], RMI_RIPAS_EMPTY);
	check_eq(read_entry(&s->r, ALIGN_DOWN(TEST_IPA, SZ_1G), 1).state, RMI_RTTE_TABLE);
	check_eq(read_entry(&s->r, TEST_IPA, 2).state, RMI_RTTE_TABLE);
	scene_destroy(s);
}

static void init_ripas(void)
{
	struct scene *s = scene_create();
	struct call call = CALL(RTT_INIT_RIPAS, s->r.rd, TEST_IPA, TEST_IPA + 2 * SZ_4K);
	u64 out[7];

	refuse_not_rd(s, &call, 1);
	REFUSE(&call,
	       INPUT("size_valid", 3, TEST_IPA),
	       INPUT("size_valid", 3, TEST_IPA - SZ_4K),
	       INPUT("top_gran_align", 3, TEST_IPA + SZ_4K + 8),
	       INPUT("top_bound", 3, realm_shared(&s->r, 0) + SZ_4K),
	       INPUT("top_bound", 3, (UL(1) << REALM_IPA_BITS) + SZ_4K),
	       RTT("base_align", 2, TEST_IPA + 8, 3));

	require_status(make_call(&call, out), RMI_SUCCESS);
	check_eq(out[1], TEST_IPA + 2 * SZ_4K);
	check_entry(&s->r, TEST_IPA, 3, 3, RMI_RTTE_DATA, RMI_RIPAS_RAM);
	check_entry(&s->r, TEST_IPA + SZ_4K, 3, 3, RMI_RTTE_VOID, RMI_RIPAS_RAM);
	check_entry(&s->r, TEST_IPA + 2 * SZ_4K, 3, 3, RMI_RTTE_VOID, RMI_RIPAS_EMPTY);

	/* base_align and no_progress at an entry that spans more than asked for */
	call = CALL(RTT_INIT_RIPAS, s->r.rd, EMPTY_IPA, EMPTY_IPA + SZ_4K);
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 1);
	call = CALL(RTT_INIT_RIPAS, s->r.rd, EMPTY_IPA + SZ_4K, EMPTY_IPA + SZ_1G);
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 1);

	/* It stops where a table is: what that describes stays as it was. */
	call = CALL(RTT_INIT_RIPAS, s->r.rd, TEST_IPA - SZ_2M, TEST_IPA + SZ_2M);
	require_status(make_call(&call, out), RMI_SUCCESS);
	check_eq(out[1], TEST_IPA);
	check_entry(&s->r, TEST_IPA - SZ_2M, 3, 2, RMI_RTTE_VOID, RMI_RIPAS_RAM);
	check_entry(&s->r, TEST_IPA + 2 * SZ_4K, 3, 3, RMI_RTTE_VOID, RMI_RIPAS_EMPTY);

	/* realm_state */
	require_status(realm_activate(&s->r), RMI_SUCCESS);
	call = CALL(RTT_INIT_RIPAS, s->r.rd, TEST_IPA, TEST_IPA + SZ_4K);
	check_status(make_call(&call, NULL), RMI_ERROR_REALM);
	scene_destroy(s);
}

const struct test rtt_tests[] = {
	{ "RTT_CREATE", create },
	{ "RTT_CREATE below an entry inherits its RIPAS", create_inherits },
	{ "RTT_DESTROY", destroy },
	{ "RTT_DESTROY refuses a live table", destroy_live },
	{ "RTT_DESTROY tells where the next live entry is", destroy_top },
	{ "RTT_DESTROY in the unprotected half", destroy_unprotected },
	{ "RTT_FOLD", fold_refuses },
	{ "RTT_FOLD of entries without memory", fold_void },
	{ "RTT_FOLD of pages to a block and back", fold_data },
	{ "RTT_FOLD refuses pages that are not contiguous", fold_not_contiguous },
	{ "RTT_FOLD refuses pages that are not aligned", fold_not_aligned },
	{ "RTT_FOLD refuses pages that are not all the same", fold_not_homogeneous },
	{ "RTT_FOLD refuses a table above tables", fold_with_table_below },
	{ "RTT_FOLD of the host's memory", fold_unprotected },
	{ "RTT_FOLD refuses blocks of level 1", fold_level1 },
	{ "RTT_READ_ENTRY", read },
	{ "RTT_INIT_RIPAS", init_ripas },
	{ },
};

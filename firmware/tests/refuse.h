/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Refusals: a command that would succeed, with one argument made bad, must answer the error that
 * the specification's failure condition names, and change nothing; in the end it succeeds.
 */
#ifndef TESTS_REFUSE_H
#define TESTS_REFUSE_H

#include "realm.h"
#include "test.h"

/* An IPA below which tables down to level 3 exist, with one page mapped at TEST_IPA. */
#define TEST_IPA	REALM_TEST_IPA
#define TEST_FREE_IPA	(REALM_TEST_IPA + GRANULE_SIZE)
/* One for which only the starting level has an entry. */
#define EMPTY_IPA	UL(0x3000000000)
/* A PA that no RMM tracks: beyond all DRAM, below the PCIe windows. */
#define NOT_TRACKED	UL(0x1000000000)

/**
 * struct scene - a realm and a granule of each kind
 * @r: a realm that is NEW, with a data page at TEST_IPA and one REC that is runnable
 * @ns: memory of the host
 * @delegated: DELEGATED
 * @rtt: RTT, the last table that leads to TEST_IPA
 * @data: DATA, mapped at TEST_IPA
 * @rec: REC
 */
struct scene {
	struct realm r;
	phys_addr_t ns;
	phys_addr_t delegated;
	phys_addr_t rtt;
	phys_addr_t data;
	phys_addr_t rec;
};

/**
 * scene_create() - a new scene; the test aborts when it cannot be made
 *
 * Return: the only one, overwritten by the next call
 */
struct scene *scene_create(void);

/**
 * scene_destroy() - take the scene's realm apart, in whatever state it is
 * @s: the scene
 */
void scene_destroy(struct scene *s);

/**
 * struct call - an RMI command
 * @name: its name
 * @fid: its function ID
 * @arg: X1 and following, by number; arg[0] is not used
 */
struct call {
	const char *name;
	unsigned long fid;
	u64 arg[7];
};

#define CALL(cmd, ...) ((struct call){ #cmd, SMC_RMI_##cmd, { 0, __VA_ARGS__ } })

/**
 * make_call() - carry a command out to its end, giving and taking memory as it asks
 * @call: the command
 * @out: receives the outputs, X1 and following by number, or NULL
 */
rmi_status_t make_call(const struct call *call, u64 out[7]);

/**
 * struct refusal - a value that an argument must not have
 * @condition: name of the failure condition
 * @arg: number of the argument
 * @value: the value
 * @code: status the command answers
 * @level: level in the status, -1 when it has none
 */
struct refusal {
	const char *condition;
	unsigned int arg;
	u64 value;
	unsigned long code;
	long level;
};

#define INPUT(condition, arg, value)	{ condition, arg, value, RMI_ERROR_INPUT, -1 }
#define RTT(condition, arg, value, level) { condition, arg, value, RMI_ERROR_RTT, level }

/**
 * refuse() - check refusals one after the other; the test aborts if a call succeeds
 * @call: a call that would succeed
 * @cases: what makes it fail
 * @count: how many
 */
void refuse(const struct call *call, const struct refusal *cases, unsigned int count);

#define REFUSE(call, ...) do {						\
	const struct refusal __cases[] = { __VA_ARGS__ };		\
									\
	refuse(call, __cases, ARRAY_SIZE(__cases));			\
} while (0)

/* refuse() with all values that are no RD, no REC, no DELEGATED granule, no memory of the host */
void refuse_not_rd(const struct scene *s, const struct call *call, unsigned int arg);
void refuse_not_rec(const struct scene *s, const struct call *call, unsigned int arg);
void refuse_not_delegated(const struct scene *s, const struct call *call, unsigned int arg);
void refuse_not_ns(const struct scene *s, const struct call *call, unsigned int arg);

/**
 * struct entry - an RTT entry as RMI_RTT_READ_ENTRY tells it
 */
struct entry {
	long level;
	u64 state;
	u64 desc;
	u64 ripas;
};

/* The test aborts when it cannot be read. */
struct entry read_entry(const struct realm *r, u64 ipa, long level);

/* The output address in a descriptor */
#define ENTRY_PA	GENMASK_ULL(47, 12)

/* check_eq() of level, state and RIPAS of an entry */
#define check_entry(r, ipa, lvl, want_level, want_state, want_ripas) do {	\
	struct entry __e = read_entry(r, ipa, lvl);				\
										\
	check_eq(__e.level, want_level);					\
	check_eq(__e.state, want_state);					\
	check_eq(__e.ripas, want_ripas);					\
} while (0)

/* Descriptors of output address ranges: a number of pages, or of level 2 blocks */
#define DESC_PAGES(pa, count)	((pa) | FIELD_PREP(RMI_ADDR_RANGE_DESC4_KB_COUNT, count) | \
				 FIELD_PREP(RMI_ADDR_RANGE_DESC4_KB_SIZE, RMI_PAGE_L3))
#define DESC_BLOCKS(pa, count)	((pa) | FIELD_PREP(RMI_ADDR_RANGE_DESC4_KB_COUNT, count) | \
				 FIELD_PREP(RMI_ADDR_RANGE_DESC4_KB_SIZE, RMI_BLOCK_L2))

#endif /* TESTS_REFUSE_H */

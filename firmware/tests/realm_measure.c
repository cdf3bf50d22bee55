// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measurements of realms, by their values (DEN0137 A7.1): measure-oracle.py says what realms to
 * make, how to extend their measurements, and what these have to be.
 */
#include <string.h>
#include "realm_run.h"
#include "smc_page.h"

#define MEASUREMENT_SIZE	64
#define NR_MEASUREMENTS		5
#define NR_HASHES		(RMI_HASH_SHA_512 + 1)

/* The page of code (smc_page.h) */
#define CODE			REALM_RAM_IPA

/**
 * struct measure_step - something that is done to a new realm
 * @kind: which
 * @ipa: of a page, or of memory that becomes RIPAS RAM
 * @seed: contents of a page
 * @flag: a page is measured, a REC is runnable
 * @pc: of a REC
 * @gprs: of a REC
 */
struct measure_step {
	enum { MEASURE_DATA, MEASURE_REC, MEASURE_RIPAS } kind;
	u64 ipa;
	unsigned int seed;
	bool flag;
	u64 pc;
	u64 gprs[8];
};

/** struct measure_case - a realm, and its RIM by the hash algorithm */
struct measure_case {
	const char *name;
	const struct measure_step *step;
	unsigned int nr_steps;
	u8 rim[NR_HASHES][MEASUREMENT_SIZE];
};

/** struct measure_extend - an extension, and what the REM is after it */
struct measure_extend {
	unsigned int index;
	unsigned int size;
	u64 value[MEASUREMENT_SIZE / sizeof(u64)];
	u8 rem[NR_HASHES][MEASUREMENT_SIZE];
};

#include "measure-expected.h"

static struct realm realm;

/* measure-oracle.py: page() */
static void fill_page(u8 *page, unsigned int seed)
{
	for (unsigned int i = 0; seed && i < SZ_4K; i++)
		page[i] = seed * 37 + i * 11 + (i >> 8) * 5;
}

static rmi_status_t add_rec(const struct measure_step *step)
{
	struct rmi_rec_params *params = ns_page();

	/* What is no parameter is not measured. */
	memset(params, 0x5a, sizeof(*params));
	params->flags = step->flag ? RMI_REC_CREATE_FLAGS_RUNNABLE : 0;
	params->pc = step->pc;
	memcpy(params->gprs, step->gprs, sizeof(params->gprs));
	return realm_create_rec(&realm, params);
}

static rmi_status_t set_ripas(u64 ipa)
{
	require_status(realm_table(&realm, ipa, 3), RMI_SUCCESS);
	return realm_init_ripas(&realm, ipa, ipa + SZ_4K);
}

static rmi_status_t take_step(const struct measure_step *step)
{
	u8 *page;

	switch (step->kind) {
	case MEASURE_DATA:
		page = ns_page();
		fill_page(page, step->seed);
		return realm_load(&realm, step->ipa, (unsigned long)page,
				  step->flag ? RMI_DATA_FLAGS_MEASURE : 0);
	case MEASURE_REC:
		return add_rec(step);
	default:
		return set_ripas(step->ipa);
	}
}

static void make_realm(const struct measure_case *c, unsigned int hash)
{
	void *code = ns_page();

	realm_init(&realm);
	realm.params->hash_algo = hash;
	/* Parameters of the realm are not measured. */
	memset(realm.params->rpv, 0xc3, sizeof(realm.params->rpv));
	realm.params->num_wps = 2;
	require_status(realm_create(&realm), RMI_SUCCESS);

	smc_page_copy(code);
	require_status(realm_load(&realm, CODE, (unsigned long)code, 0), RMI_SUCCESS);
	for (unsigned int i = 0; i < c->nr_steps; i++)
		require_status(take_step(&c->step[i]), RMI_SUCCESS);
	require_status(realm_activate(&realm), RMI_SUCCESS);
	smc_page_start_rec(&realm, 0);
}

static void read_measurement(unsigned int index, u8 *value)
{
	struct arm_smccc_1_2_regs regs = { .a0 = SMC_RSI_MEASUREMENT_READ, .a1 = index };

	smc_page_call(&realm, 0, &regs);
	require_eq(regs.a0, RSI_SUCCESS);
	memcpy(value, &regs.a1, MEASUREMENT_SIZE);
}

static bool measures(const char *what, unsigned int index, const u8 *want)
{
	u8 value[MEASUREMENT_SIZE];

	read_measurement(index, value);
	for (unsigned int i = 0; i < sizeof(value); i++) {
		if (value[i] == want[i])
			continue;
		printf("# %s: byte %u of measurement %u is 0x%x, not 0x%x\n", what, i, index,
		       value[i], want[i]);
		return false;
	}
	return true;
}

static void require_hash(unsigned int hash)
{
	u64 feature = hash == RMI_HASH_SHA_512 ? RMI_FEATURE_REGISTER1_HASH_SHA_512 :
						 RMI_FEATURE_REGISTER1_HASH_SHA_256;
	struct rmi_features_out out;

	require_status(rmi_features(1, &out), RMI_SUCCESS);
	if (!(out.value & feature))
		skip_test("the RMM does not have this hash algorithm");
}

static void check_rims(unsigned int hash)
{
	require_hash(hash);
	for (unsigned int i = 0; i < ARRAY_SIZE(measure_cases); i++) {
		const struct measure_case *c = &measure_cases[i];

		make_realm(c, hash);
		check(measures(c->name, 0, c->rim[hash]));
		require_status(realm_destroy(&realm), RMI_SUCCESS);
	}
}

static void extend(const struct measure_extend *e)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = SMC_RSI_MEASUREMENT_EXTEND,
		.a1 = e->index,
		.a2 = e->size,
	};

	memcpy(&regs.a3, e->value, sizeof(e->value));
	smc_page_call(&realm, 0, &regs);
	require_eq(regs.a0, RSI_SUCCESS);
}

static bool all_measure(const char *what, const u8 *const *want)
{
	for (unsigned int index = 0; index < NR_MEASUREMENTS; index++) {
		if (!measures(what, index, want[index]))
			return false;
	}
	return true;
}

/* Each extension changes one measurement, and leaves the others alone. */
static void check_rems(unsigned int hash)
{
	static const u8 zero[MEASUREMENT_SIZE];
	const u8 *want[NR_MEASUREMENTS] = { measure_cases[0].rim[hash], zero, zero, zero, zero };
	bool ok;

	require_hash(hash);
	make_realm(&measure_cases[0], hash);
	ok = check(all_measure("a new realm", want));
	for (unsigned int i = 0; ok && i < ARRAY_SIZE(measure_extends); i++) {
		const struct measure_extend *e = &measure_extends[i];

		extend(e);
		want[e->index] = e->rem[hash];
		ok = check(all_measure("after an extension", want));
	}
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

static void test_rim_sha256(void)
{
	check_rims(RMI_HASH_SHA_256);
}

static void test_rim_sha512(void)
{
	check_rims(RMI_HASH_SHA_512);
}

static void test_rem_sha256(void)
{
	check_rems(RMI_HASH_SHA_256);
}

static void test_rem_sha512(void)
{
	check_rems(RMI_HASH_SHA_512);
}

const struct test realm_measure_tests[] = {
	{ "RIMs of realms, by SHA-256", test_rim_sha256 },
	{ "RIMs of realms, by SHA-512", test_rim_sha512 },
	{ "REMs as they are extended, by SHA-256", test_rem_sha256 },
	{ "REMs as they are extended, by SHA-512", test_rem_sha512 },
	{ }
};

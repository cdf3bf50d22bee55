// SPDX-License-Identifier: GPL-2.0-only
/* Two CPUs in the RMM at once: races for the same object, and work on neighbouring ones. */
#include <sysreg.h>
#include "refuse.h"

#define ROUNDS	50

/* Both sides of a race, and where they meet before each round. */
struct race {
	struct call call[2];
	struct call undo[2];
	unsigned int nr_undo;
	unsigned int arrived;
	unsigned int success[2];
	unsigned int other_errors;
	unsigned int bad_rounds;
	unsigned long error;
};

/* What came of a call made on CPU 1 may be RMI_BUSY: the object was locked. */
static void race_once(struct race *race, unsigned int side)
{
	rmi_status_t st = make_call(&race->call[side], NULL);

	if (rmi_ok(st))
		race->success[side]++;
	else if (rmi_code(st) != race->error && rmi_code(st) != RMI_BUSY)
		__atomic_add_fetch(&race->other_errors, 1, __ATOMIC_RELAXED);
}

static bool has_arrived(struct race *race, unsigned int count)
{
	return poll_for(__atomic_load_n(&race->arrived, __ATOMIC_ACQUIRE) >= count);
}

/* False when the other side does not come. */
static bool meet(struct race *race, unsigned int count)
{
	__atomic_add_fetch(&race->arrived, 1, __ATOMIC_ACQ_REL);
	return has_arrived(race, count);
}

static bool undo(struct race *race)
{
	for (unsigned int i = 0; i < race->nr_undo; i++) {
		if (!rmi_ok(make_call(&race->undo[i], NULL)))
			return false;
	}

	return true;
}

static void race_other(void *arg)
{
	struct race *race = arg;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		if (!meet(race, 4 * i + 2))
			return;
		race_once(race, 1);
		if (!meet(race, 4 * i + 4))
			return;
	}
}

/* Exactly one of the two may succeed in each round; then @undo makes it possible again. */
static void run_race(struct race *race)
{
	unsigned int before, after;

	smp_run(1, race_other, race);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		before = race->success[0] + race->success[1];
		require(meet(race, 4 * i + 2));
		race_once(race, 0);
		/* The other side waits for this one to have looked. */
		require(has_arrived(race, 4 * i + 3));
		after = race->success[0] + race->success[1];
		if (after != before + 1 || !undo(race))
			race->bad_rounds++;
		require(meet(race, 4 * i + 4));
	}
	smp_wait(1);

	check_eq(race->bad_rounds, 0);
	check_eq(race->other_errors, 0);
	check_eq(race->success[0] + race->success[1], ROUNDS);
}

static void need_two_cpus(void)
{
	if (nr_cpus < 2)
		skip_test("one CPU");
}

static void race_delegate(void)
{
	phys_addr_t pa = (phys_addr_t)ns_page();
	struct call call = CALL(GRANULE_RANGE_DELEGATE, pa, pa + GRANULE_SIZE);
	static struct race race;

	need_two_cpus();
	race = (struct race){
		.call = { call, call },
		.undo = { CALL(GRANULE_RANGE_UNDELEGATE, pa, pa + GRANULE_SIZE) },
		.nr_undo = 1,
		.error = RMI_ERROR_INPUT,
	};
	run_race(&race);
}

static void race_realm_create(void)
{
	static struct race race;
	static struct realm r;
	phys_addr_t rd;

	need_two_cpus();
	rd = delegated_page();
	race = (struct race){ .error = RMI_ERROR_INPUT };
	for (unsigned int i = 0; i < 2; i++) {
		realm_init(&r);
		r.params->rtt_base = delegated_pages(REALM_NR_ROOTS);
		race.call[i] = CALL(REALM_CREATE, rd, (u64)r.params);
	}
	race.undo[0] = CALL(REALM_TERMINATE, rd);
	race.undo[1] = CALL(REALM_DESTROY, rd);
	race.nr_undo = 2;
	run_race(&race);
}

static void race_map(void)
{
	static struct race race;
	struct scene *s;

	need_two_cpus();
	s = scene_create();
	race = (struct race){ .error = RMI_ERROR_RTT };
	for (unsigned int i = 0; i < 2; i++)
		race.call[i] = CALL(RTT_DATA_MAP, s->r.rd, TEST_FREE_IPA, TEST_FREE_IPA + SZ_4K,
				    RMI_ADDR_TYPE_SINGLE, DESC_PAGES(delegated_page(), 1));
	race.nr_undo = 1;
	race.undo[0] = CALL(RTT_DATA_UNMAP, s->r.rd, TEST_FREE_IPA, TEST_FREE_IPA + SZ_4K,
			    RMI_ADDR_TYPE_NONE, 0);
	run_race(&race);
	scene_destroy(s);
}

static void race_table(void)
{
	static struct race race;
	struct scene *s;

	need_two_cpus();
	s = scene_create();
	race = (struct race){ .error = RMI_ERROR_RTT };
	for (unsigned int i = 0; i < 2; i++)
		race.call[i] = CALL(RTT_CREATE, s->r.rd, delegated_page(), EMPTY_IPA, 2);
	race.nr_undo = 1;
	race.undo[0] = CALL(RTT_DESTROY, s->r.rd, EMPTY_IPA, 2);
	run_race(&race);
	scene_destroy(s);
}

/* Each CPU maps and unmaps its own page; they lie in the same table. */
struct mapper {
	struct call map, unmap;
	unsigned int bad;
};

static void map_and_unmap(void *arg)
{
	struct mapper *m = arg;
	rmi_status_t st;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		do
			st = make_call(&m->map, NULL);
		while (rmi_code(st) == RMI_BUSY && !test_expired());
		m->bad += !rmi_ok(st);
		do
			st = make_call(&m->unmap, NULL);
		while (rmi_code(st) == RMI_BUSY && !test_expired());
		m->bad += !rmi_ok(st);
	}
}

static void map_neighbours(void)
{
	static struct mapper m[2];
	struct scene *s;

	need_two_cpus();
	s = scene_create();
	for (unsigned int i = 0; i < 2; i++) {
		u64 ipa = TEST_FREE_IPA + i * SZ_4K;

		m[i].bad = 0;
		m[i].map = CALL(RTT_DATA_MAP, s->r.rd, ipa, ipa + SZ_4K, RMI_ADDR_TYPE_SINGLE,
				DESC_PAGES(delegated_page(), 1));
		m[i].unmap = CALL(RTT_DATA_UNMAP, s->r.rd, ipa, ipa + SZ_4K, RMI_ADDR_TYPE_NONE, 0);
	}
	smp_run(1, map_and_unmap, &m[1]);
	map_and_unmap(&m[0]);
	smp_wait(1);
	check_eq(m[0].bad, 0);
	check_eq(m[1].bad, 0);
	scene_destroy(s);
}

const struct test smp_tests[] = {
	{ "two CPUs delegate one granule", race_delegate },
	{ "two CPUs make one RD", race_realm_create },
	{ "two CPUs map one page", race_map },
	{ "two CPUs make one table", race_table },
	{ "two CPUs map neighbours", map_neighbours },
	{ },
};

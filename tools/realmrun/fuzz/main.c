// SPDX-License-Identifier: GPL-2.0-only
/*
 * A fuzzer of the devices, for libFuzzer.
 *
 * An input is a list of steps of the guest and of the host. Every fourth input is run
 * again while the memory changes under the devices, in one of three ways in turn: a
 * second thread changes what the first has put into a ring; it repeats the second half
 * of the input as steps of the guest; or a ring changes between two loads of a device,
 * which finds on a busy machine, too, what is read twice.
 *
 * To run one input often, in each of these ways: realmrun-fuzz -runs=10000 FILE.
 */

#include <pthread.h>
#include <sched.h>

#include "fuzz.h"

#define RACE_EVERY	4

enum {
	RACE_FLIPS,
	RACE_STEPS,
	RACE_LOADS,
	NR_RACES,
};

static pthread_barrier_t both;
static struct input program;
static bool stop, busy;

/* Counts the inputs that were run in one of these ways; the rest is which one. */
static unsigned int races;
static bool change_at_loads;

u64 take(struct input *in, unsigned int bytes)
{
	u64 value = 0;

	for (unsigned int i = 0; i < bytes && in->left; i++, in->left--)
		value |= (u64)*in->data++ << i * 8;
	return value;
}

static bool stopped(void)
{
	return __atomic_load_n(&stop, __ATOMIC_ACQUIRE);
}

static void disturb(void)
{
	struct input in = program;

	if (races % NR_RACES == RACE_FLIPS) {
		for (int i = 0; i < 100; i++)
			guest_flip(races / NR_RACES);
		return;
	}
	while (in.left && !stopped())
		guest_step(&in);
}

static void *second_thread(void *arg)
{
	for (;;) {
		pthread_barrier_wait(&both);
		__atomic_store_n(&busy, true, __ATOMIC_RELEASE);
		while (!stopped()) {
			disturb();
			/* On a busy machine the first thread may wait for this CPU. */
			sched_yield();
		}
		pthread_barrier_wait(&both);
	}
	return NULL;
}

static void start_second_thread(void)
{
	stop = false;
	busy = false;
	pthread_barrier_wait(&both);
	while (!__atomic_load_n(&busy, __ATOMIC_ACQUIRE))
		sched_yield();
	reached(REACHED_RACES, 1);
}

static void stop_second_thread(void)
{
	__atomic_store_n(&stop, true, __ATOMIC_RELEASE);
	pthread_barrier_wait(&both);
}

static void work(struct input *in)
{
	while (in->left) {
		u8 who = take(in, 1);

		if (who < 64) {
			host_step(in);
			continue;
		}
		guest_step(in);
		if (who >= 128)
			host_serve();
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	pthread_t thread;

	host_init();
	pthread_barrier_init(&both, NULL, 2);
	if (pthread_create(&thread, NULL, second_thread, NULL))
		wrong("no second thread");
	return 0;
}

static void run(const u8 *data, size_t size)
{
	struct input in = { data, size };

	guest_reset();
	host_reset();
	if (take(&in, 1) & 1)
		guest_start();
	work(&in);
}

static void before_load(const void *addr)
{
	static u32 random;
	size_t offset = (uintptr_t)addr - (uintptr_t)ram;

	if (!change_at_loads || offset >= RAM_SIZE)
		return;
	random = random * 1664525 + 1013904223;
	if (random & BIT_ULL(31)) {
		guest_flip(races / NR_RACES);
		reached(REACHED_LOADS, 1);
	}
}

void __sanitizer_cov_load1(u8 *addr)
{
	before_load(addr);
}

void __sanitizer_cov_load2(u16 *addr)
{
	before_load(addr);
}

void __sanitizer_cov_load4(u32 *addr)
{
	before_load(addr);
}

void __sanitizer_cov_load8(u64 *addr)
{
	before_load(addr);
}

void __sanitizer_cov_load16(void *addr)
{
	before_load(addr);
}

static void race(const u8 *data, size_t size)
{
	if (++races % NR_RACES == RACE_LOADS) {
		change_at_loads = true;
		run(data, size);
		change_at_loads = false;
		return;
	}
	program = (struct input) { data + size / 2, size - size / 2 };
	start_second_thread();
	run(data, size);
	stop_second_thread();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static unsigned int runs;

	if (!size)
		return 0;
	run(data, size);
	host_check();
	if (++runs % RACE_EVERY == 0) {
		race(data, size);
		host_check();
	}
	return 0;
}

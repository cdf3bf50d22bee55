// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plugin for QEMU that writes down which instructions were executed between
 * two marks, and in which world.
 *
 *	-plugin worlds.so,out=FILE
 *
 * The marks are hints that the guest of a KVM VM executes, HINT #0x71 with a label
 * in X0 to begin and HINT #0x72 to end. For each such interval FILE gets a
 * struct interval and a struct run for every sequence of instructions that
 * follow each other in memory. An instruction that traps counts where it is,
 * and again if it is executed again.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

#define PUBLIC	__attribute__((visibility("default")))

PUBLIC int qemu_plugin_version = QEMU_PLUGIN_VERSION;

/* What is written, in the byte order of this machine */
enum world {
	WORLD_ROOT,		/* EL3 */
	WORLD_RMM,		/* R-EL2 */
	WORLD_HOST,		/* NS-EL2 */
	WORLD_VMM,		/* NS-EL0 */
	WORLD_GUEST,		/* R-EL1 and R-EL0, NS-EL1 */
	WORLD_SECURE,
};

struct interval {
	uint64_t label;
	uint64_t nr_runs;
};

struct run {
	uint64_t pc;
	uint32_t nr_insns;
	uint32_t world;
};

#define INSN_BYTES	4
#define HINT(n)		(0xd503201fU | (n) << 5)
#define BEGIN		HINT(0x71)
#define END		HINT(0x72)

/* Bits of SCR_EL3 */
#define SCR_NS		0
#define SCR_NSE		62

static FILE *out;

static struct byte_array *buffer;
static struct qemu_plugin_register *cpsr, *scr_el3, *x0;

/* Of one CPU: there is only one. Not 0 between the marks */
static struct plugin_u64 active;

static struct interval interval;
static struct run *runs;
static size_t max_runs;

static uint64_t read_register(struct qemu_plugin_register *handle)
{
	uint64_t value = 0;
	int size;

	g_byte_array_set_size(buffer, 0);
	size = qemu_plugin_read_register(handle, buffer);
	if (size > 0)
		memcpy(&value, buffer->data, size < 8 ? size : 8);
	return value;
}

/* Where the CPU is. Without EL3 all of it is Non-secure. */
static enum world current_world(void)
{
	uint64_t scr = scr_el3 ? read_register(scr_el3) : 1 << SCR_NS;
	unsigned int el = read_register(cpsr) >> 2 & 3;
	bool ns = scr >> SCR_NS & 1, nse = scr >> SCR_NSE & 1;

	if (el == 3)
		return WORLD_ROOT;
	if (!ns)
		return WORLD_SECURE;
	if (el == 2)
		return nse ? WORLD_RMM : WORLD_HOST;
	if (el == 0 && !nse)
		return WORLD_VMM;
	return WORLD_GUEST;
}

static void add_run(uint64_t pc, enum world world)
{
	if (interval.nr_runs == max_runs) {
		max_runs = max_runs ? 2 * max_runs : 4096;
		runs = realloc(runs, max_runs * sizeof(*runs));
		if (!runs)
			abort();
	}
	runs[interval.nr_runs++] = (struct run) { .pc = pc, .nr_insns = 1, .world = world };
}

/* What on_insn() is given: the world takes the place of the address's top bits. */
#define WORLD_SHIFT	56
#define PC_MASK		((1ULL << WORLD_SHIFT) - 1)

static void *pack(uint64_t pc, enum world world)
{
	return (void *)(uintptr_t)((pc & PC_MASK) | (uint64_t)world << WORLD_SHIFT);
}

static void on_insn(unsigned int cpu, void *data)
{
	/* Bit 55 tells the two halves of the address space apart. */
	uint64_t pc = (int64_t)((uintptr_t)data << (64 - WORLD_SHIFT)) >> (64 - WORLD_SHIFT);
	enum world world = (uintptr_t)data >> WORLD_SHIFT;
	struct run *last = interval.nr_runs ? &runs[interval.nr_runs - 1] : NULL;

	if (last && last->world == world && last->pc + last->nr_insns * INSN_BYTES == pc)
		last->nr_insns++;
	else
		add_run(pc, world);
}

static void on_begin(unsigned int cpu, void *data)
{
	interval = (struct interval) { .label = read_register(x0) };
	qemu_plugin_u64_set(active, cpu, 1);
}

static void on_end(unsigned int cpu, void *data)
{
	qemu_plugin_u64_set(active, cpu, 0);
	fwrite(&interval, sizeof(interval), 1, out);
	fwrite(runs, sizeof(*runs), interval.nr_runs, out);
	interval.nr_runs = 0;
}

static void on_translation(uint64_t id, struct qemu_plugin_tb *tb)
{
	enum world world = current_world();
	size_t i, n = qemu_plugin_tb_n_insns(tb);

	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint32_t opcode = 0;
		void *data = pack(qemu_plugin_insn_vaddr(insn), world);

		qemu_plugin_insn_data(insn, &opcode, sizeof(opcode));
		if (world == WORLD_GUEST && opcode == BEGIN) {
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_begin, CB_R_REGS, NULL);
		} else if (world == WORLD_GUEST && opcode == END) {
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_end, CB_NO_REGS, NULL);
		} else {
			qemu_plugin_register_vcpu_insn_exec_cond_cb(insn, on_insn, CB_NO_REGS,
								    COND_NE, active, 0, data);
		}
	}
}

static void on_cpu(uint64_t id, unsigned int cpu)
{
	struct array *registers = qemu_plugin_get_registers();
	unsigned int i;

	for (i = 0; i < registers->len; i++) {
		struct register_descriptor *d =
			(struct register_descriptor *)registers->data + i;

		if (!strcmp(d->name, "cpsr"))
			cpsr = d->handle;
		else if (!strcmp(d->name, "SCR_EL3"))
			scr_el3 = d->handle;
		else if (!strcmp(d->name, "x0"))
			x0 = d->handle;
	}
	if (cpu || !cpsr || !x0) {
		fprintf(stderr, "worlds: needs a machine with one 64-bit Arm CPU\n");
		exit(1);
	}
}

static void on_exit_of_qemu(uint64_t id, void *data)
{
	if (fclose(out)) {
		perror("worlds");
		abort();
	}
}

PUBLIC int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "out=", 4) && !out)
			out = fopen(argv[i] + 4, "wb");
	}
	if (!out) {
		fprintf(stderr, "worlds: out=FILE\n");
		return -1;
	}

	buffer = g_byte_array_new();
	active = (struct plugin_u64) {
		.score = qemu_plugin_scoreboard_new(sizeof(uint64_t)),
	};
	qemu_plugin_register_vcpu_init_cb(id, on_cpu);
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	qemu_plugin_register_atexit_cb(id, on_exit_of_qemu, NULL);
	return 0;
}

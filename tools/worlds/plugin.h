/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is used of QEMU's interface for plugins: version 4 of it, which QEMU 9.2
 * and later have. The header of QEMU is not in any package.
 */
#ifndef WORLDS_PLUGIN_H
#define WORLDS_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#define QEMU_PLUGIN_VERSION	4

/* GLib's GByteArray and GArray, as far as they are seen from outside */
struct byte_array {
	uint8_t *data;
	unsigned int len;
};

struct array {
	void *data;
	unsigned int len;
};

struct byte_array *g_byte_array_new(void);
struct byte_array *g_byte_array_set_size(struct byte_array *array, unsigned int length);

/* QEMU's */
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_register;
struct qemu_plugin_scoreboard;

struct register_descriptor {
	struct qemu_plugin_register *handle;
	const char *name;
	const char *feature;
};

struct plugin_u64 {
	struct qemu_plugin_scoreboard *score;
	size_t offset;
};

enum { CB_NO_REGS, CB_R_REGS };
enum { COND_NEVER, COND_ALWAYS, COND_EQ, COND_NE };

typedef void (*exec_cb)(unsigned int cpu, void *data);

void qemu_plugin_register_vcpu_init_cb(uint64_t id, void (*cb)(uint64_t, unsigned int));
void qemu_plugin_register_atexit_cb(uint64_t id, void (*cb)(uint64_t, void *), void *data);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
					   void (*cb)(uint64_t, struct qemu_plugin_tb *));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *to, size_t len);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, exec_cb cb,
					    int flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_cond_cb(struct qemu_plugin_insn *insn, exec_cb cb,
						 int flags, int cond, struct plugin_u64 entry,
						 uint64_t immediate, void *data);
struct array *qemu_plugin_get_registers(void);
int qemu_plugin_read_register(struct qemu_plugin_register *handle, struct byte_array *buf);
struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t size);
void qemu_plugin_u64_set(struct plugin_u64 entry, unsigned int cpu, uint64_t value);

/* What QEMU wants to find in a plugin */
extern int qemu_plugin_version;
int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

#endif /* WORLDS_PLUGIN_H */

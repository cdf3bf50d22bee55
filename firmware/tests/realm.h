/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Realms for tests: made, run and destroyed from NS-EL2.
 *
 * A realm runs this very image: every page of it is copied into the realm at its own
 * address, so a test names the function that the realm executes (guest.h), and data of
 * the image exists once here and once in each realm, with the values it had when the
 * realm was made.
 *
 * Functions that return rmi_status_t give the answer of the first command that did not
 * succeed; for stateful commands that is the final one.
 */
#ifndef TESTS_REALM_H
#define TESTS_REALM_H

#include <linux/types.h>
#include <rmi-defs.h>

/* Defaults; a test may change params before realm_create() */
#define REALM_IPA_BITS		40
#define REALM_START_LEVEL	1
#define REALM_NR_ROOTS		2

#define REALM_MAX_RECS		4
#define REALM_MAX_TABLES	24
#define REALM_MAX_PAGES		1024
#define REALM_MAX_DONATED	16

/* IPAs that the image does not use; a level 2 block each */
#define REALM_RAM_IPA		0x80000000UL
#define REALM_TEST_IPA		0x80200000UL

/**
 * struct realm_rec - a REC
 * @pa: its granule; 0 when it does not exist
 * @run: what is shared with the RMM
 * @params: used to create it
 */
struct realm_rec {
	unsigned long pa;
	struct rmi_rec_run *run;
	struct rmi_rec_params *params;
};

/** struct realm_table - an RTT below the starting level */
struct realm_table {
	unsigned long pa;
	unsigned long ipa;
	long level;
};

/** struct realm_page - a mapped granule of the protected half */
struct realm_page {
	unsigned long pa;
	unsigned long ipa;
};

/**
 * struct realm - a realm
 * @rd: its RD; 0 when it does not exist
 * @roots: first starting level table
 * @params: used to create it
 * @ipa_bits: width of the IPA space
 * @rec: its RECs
 * @nr_recs: how many
 * @table: its tables, in the order of their creation
 * @nr_tables: how many
 * @page: what realm_map() mapped
 * @nr_pages: how many
 */
struct realm {
	unsigned long rd;
	unsigned long roots;
	struct rmi_realm_params *params;
	unsigned int ipa_bits;
	struct realm_rec rec[REALM_MAX_RECS];
	unsigned int nr_recs;
	struct realm_table table[REALM_MAX_TABLES];
	unsigned int nr_tables;
	struct realm_page page[REALM_MAX_PAGES];
	unsigned int nr_pages;
};

/** realm_shared() - the address in the unprotected half that corresponds to @ipa */
static inline unsigned long realm_shared(const struct realm *r, unsigned long ipa)
{
	return ipa | 1UL << (r->ipa_bits - 1);
}

/** realm_init() - an object without a realm, and default parameters to change */
void realm_init(struct realm *r);

/** realm_create() - RMI_REALM_CREATE with @r->params; the realm is empty */
rmi_status_t realm_create(struct realm *r);

/**
 * realm_table() - create the tables down to a level
 * @r: the realm
 * @ipa: an address
 * @level: level of the last table
 */
rmi_status_t realm_table(struct realm *r, unsigned long ipa, long level);

/**
 * realm_load() - RTT_DATA_MAP_INIT of one new granule, with the tables it needs
 * @r: a realm that is NEW
 * @ipa: where
 * @src: memory of the host, copied
 * @flags: RMI_DATA_FLAGS_*
 */
rmi_status_t realm_load(struct realm *r, unsigned long ipa, unsigned long src, unsigned long flags);

/** realm_load_image() - copy this image into a realm that is NEW */
rmi_status_t realm_load_image(struct realm *r);

/**
 * realm_create_rec() - RMI_REC_CREATE of the next REC
 * @r: a realm that is NEW
 * @params: a granule of the host; gets the MPIDR
 */
rmi_status_t realm_create_rec(struct realm *r, struct rmi_rec_params *params);

/**
 * realm_add_rec() - create the next REC, with which this image is executed
 * @r: a realm that is NEW
 * @fn: what it executes, NULL for a REC that is off
 * @arg: argument of @fn
 */
rmi_status_t realm_add_rec(struct realm *r, void (*fn)(unsigned long), unsigned long arg);

/** realm_activate() - RMI_REALM_ACTIVATE */
rmi_status_t realm_activate(struct realm *r);

/**
 * realm_start() - everything up to an ACTIVE realm of one REC
 * @r: from realm_init()
 * @fn: what the REC executes
 * @arg: argument of @fn
 */
rmi_status_t realm_start(struct realm *r, void (*fn)(unsigned long), unsigned long arg);

/** realm_map() - RTT_DATA_MAP of one new granule, with the tables it needs */
rmi_status_t realm_map(struct realm *r, unsigned long ipa);

/** realm_map_pa() - realm_map() of a granule that the caller has delegated */
rmi_status_t realm_map_pa(struct realm *r, unsigned long ipa, unsigned long pa);

/** realm_unmap() - RTT_DATA_UNMAP of one granule of realm_map() or the image */
rmi_status_t realm_unmap(struct realm *r, unsigned long ipa);

/** realm_init_ripas() - RTT_INIT_RIPAS of a range of a realm that is NEW */
rmi_status_t realm_init_ripas(struct realm *r, unsigned long base, unsigned long top);

/**
 * realm_map_shared() - RTT_UNPROT_MAP of one granule, with the tables it needs
 * @r: the realm
 * @ipa: address in the unprotected half
 * @pa: memory of the host
 * @s2ap: RMI_S2AP_DIRECT_READ and _WRITE, or 0
 */
rmi_status_t realm_map_shared(struct realm *r, unsigned long ipa, unsigned long pa,
			      unsigned int s2ap);

/** realm_unmap_shared() - RTT_UNPROT_UNMAP of one granule */
rmi_status_t realm_unmap_shared(struct realm *r, unsigned long ipa);

/**
 * realm_enter() - RMI_REC_ENTER
 * @r: the realm
 * @n: number of the REC
 * @flags: RMI_REC_ENTER_FLAGS_*; gprs of the run page are taken as they are
 */
rmi_status_t realm_enter(struct realm *r, unsigned int n, unsigned long flags);

/** realm_exit() - what REC @n left with */
static inline const struct rmi_rec_exit *realm_exit(const struct realm *r, unsigned int n)
{
	return &r->rec[n].run->exit;
}

/** realm_set_ripas() - RTT_SET_RIPAS of all that REC @n has asked for */
rmi_status_t realm_set_ripas(struct realm *r, unsigned int n);

/**
 * realm_destroy() - terminate a realm and take everything back
 *
 * Safe in any state, also after an error of the functions above. All granules are
 * DELEGATED again and belong to the harness.
 */
rmi_status_t realm_destroy(struct realm *r);

/* Parts of it, for tests of single commands */
rmi_status_t realm_terminate(struct realm *r);
rmi_status_t realm_destroy_rec(struct realm *r, unsigned int n);

/**
 * stateful() - finish a stateful command
 * @status: its answer
 * @handle: X1 of it
 * @donate_req: X2 of it
 *
 * Donates and takes back memory as the RMM asks.
 */
rmi_status_t stateful(rmi_status_t status, unsigned long handle, unsigned long donate_req);

#endif /* TESTS_REALM_H */

// SPDX-License-Identifier: GPL-2.0-only
/*
 * FP, SIMD and SVE. The host and the realm share the registers, and the RMM uses none.
 * They change hands when a realm first uses them in a REC_ENTER, and go back before the
 * host runs again. A realm never has SME; the host's ZA and ZT0 stay where they are, its
 * streaming mode is left and entered again.
 */
#include <linux/bitfield.h>
#include <linux/build_bug.h>
#include <console.h>
#include <sysreg.h>
#include "features.h"
#include "id_regs.h"
#include "run.h"
#include "simd_regs.h"

#define SVE_MAX_VL_BYTES	256
#define SVE_LEN_MAX		0xf	/* of ZCR_EL2 and SMCR_EL2: as long as the CPU has it */
#define SMCR_FA64		BIT_ULL(31)
#define SVCR			S3_3_C4_C2_2
#define SVCR_SM			BIT_ULL(0)

/* CPTR_EL2 with HCR_EL2.E2H set: ZEN, FPEN, SMEN */
#define CPTR_ALLOW_ALL		(GENMASK_ULL(17, 16) | GENMASK_ULL(21, 20) | GENMASK_ULL(25, 24))

/**
 * struct simd_rest - what is not in Z0 to Z31; a REC has it in REC_AUX_P
 * @p: P0 to P15
 * @ffr: first fault register
 * @fpcr: FPCR
 * @fpsr: FPSR
 * @zcr_el1: ZCR_EL1, of a realm
 * @svcr: SVCR, of the host
 */
struct simd_rest {
	u8 p[16 * SVE_MAX_VL_BYTES / 8];
	u8 ffr[SVE_MAX_VL_BYTES / 8];
	u64 fpcr;
	u64 fpsr;
	u64 zcr_el1;
	u64 svcr;
};

/**
 * struct ns_simd - the host's registers while the realm's are loaded
 * @z: Z0 to Z31, or V0 to V31
 * @rest: the others
 * @loaded: the CPU holds the realm's
 */
struct ns_simd {
	u8 z[32 * SVE_MAX_VL_BYTES];
	struct simd_rest rest;
	bool loaded;
} __aligned(16);

static_assert(sizeof(struct simd_rest) <= GRANULE_SIZE, "REC_AUX_P is one granule");
static_assert(16 * SVE_MAX_VL_BYTES == GRANULE_SIZE, "REC_AUX_Z_* are one granule each");

static struct ns_simd ns_simd[RMM_MAX_CPUS];

/* FEAT_SME_FA64: all instructions and the FFR can be used in streaming mode as well. */
static void set_smcr(void)
{
	u64 smcr = FIELD_PREP(SMCR_LEN, SVE_LEN_MAX);

	if (cpu_has(CPU_SME_FA64))
		smcr |= SMCR_FA64;
	write_sysreg(smcr, SMCR_EL2);
	isb();
}

static void set_zcr(u64 len)
{
	write_sysreg(len, ZCR_EL2);
	isb();
}

bool sve_supported(void)
{
	return cpu_has(CPU_SVE);
}

unsigned int sve_max_vl(void)
{
	u64 cptr = read_sysreg(cptr_el2);
	unsigned int vl;

	if (!cpu_has(CPU_SVE))
		return 0;

	write_sysreg(CPTR_ALLOW_ALL, cptr_el2);
	set_zcr(SVE_LEN_MAX);
	vl = simd_vl();
	write_sysreg(cptr, cptr_el2);
	isb();
	return vl / 16 - 1;
}

static void save_control(struct simd_rest *rest)
{
	rest->fpcr = read_sysreg(fpcr);
	rest->fpsr = read_sysreg(fpsr);
}

static void load_control(const struct simd_rest *rest)
{
	write_sysreg(rest->fpcr, fpcr);
	write_sysreg(rest->fpsr, fpsr);
}

/* Vectors at the length in force */
static void save_sve(void *z_low, void *z_high, struct simd_rest *rest, bool ffr)
{
	simd_save_z(z_low, z_high);
	simd_save_p(rest->p);
	if (ffr)
		simd_save_ffr(rest->ffr);
}

static void load_sve(const void *z_low, const void *z_high, const struct simd_rest *rest,
		     bool ffr)
{
	if (ffr)
		simd_load_ffr(rest->ffr);
	simd_load_z(z_low, z_high);
	simd_load_p(rest->p);
}

/* Without FEAT_SME_FA64 there is no FFR in streaming mode. */
static bool ns_has_ffr(const struct ns_simd *ns)
{
	return !(ns->rest.svcr & SVCR_SM) || cpu_has(CPU_SME_FA64);
}

static void ns_save(struct ns_simd *ns)
{
	save_control(&ns->rest);
	if (!cpu_has(CPU_SVE)) {
		simd_save_fp(ns->z);
		return;
	}

	set_zcr(SVE_LEN_MAX);
	ns->rest.svcr = 0;
	if (cpu_has(CPU_SME)) {
		set_smcr();
		ns->rest.svcr = read_sysreg(SVCR);
	}

	save_sve(ns->z, ns->z + GRANULE_SIZE, &ns->rest, ns_has_ffr(ns));
	if (ns->rest.svcr & SVCR_SM)
		write_sysreg(ns->rest.svcr & ~SVCR_SM, SVCR);
}

static void ns_load(const struct ns_simd *ns)
{
	if (cpu_has(CPU_SVE)) {
		set_zcr(SVE_LEN_MAX);
		if (ns->rest.svcr & SVCR_SM)
			write_sysreg(ns->rest.svcr, SVCR);
		load_sve(ns->z, ns->z + GRANULE_SIZE, &ns->rest, ns_has_ffr(ns));
	} else {
		simd_load_fp(ns->z);
	}
	load_control(&ns->rest);
}

static void realm_save(struct rec *rec)
{
	struct simd_rest *rest = rec_aux(rec, REC_AUX_P);

	save_control(rest);
	if (rec->rd->sve) {
		rest->zcr_el1 = read_sysreg(ZCR_EL12);
		save_sve(rec_aux(rec, REC_AUX_Z_LOW), rec_aux(rec, REC_AUX_Z_HIGH), rest, true);
	} else {
		simd_save_fp(rec_aux(rec, REC_AUX_Z_LOW));
	}
}

static void realm_load(struct rec *rec)
{
	const struct simd_rest *rest = rec_aux(rec, REC_AUX_P);

	if (rec->rd->sve) {
		set_zcr(rec->rd->sve_vl);
		write_sysreg(rest->zcr_el1, ZCR_EL12);
		load_sve(rec_aux(rec, REC_AUX_Z_LOW), rec_aux(rec, REC_AUX_Z_HIGH), rest, true);
	} else {
		simd_load_fp(rec_aux(rec, REC_AUX_Z_LOW));
	}
	load_control(rest);
}

enum rec_action simd_trap(struct rec *rec, u64 esr)
{
	struct ns_simd *ns = &ns_simd[this_cpu()->id];

	/* With its own registers loaded only what it does not have still traps. */
	if (ns->loaded || (FIELD_GET(ESR_EC, esr) == ESR_EC_SVE && !rec->rd->sve)) {
		inject_undef(&rec->ctx);
		return REC_RESUME;
	}

	write_sysreg(CPTR_ALLOW_ALL, cptr_el2);
	isb();
	ns_save(ns);
	realm_load(rec);
	ns->loaded = true;
	traps_simd(rec, true);
	return REC_RESUME;
}

void simd_leave(struct rec *rec)
{
	struct ns_simd *ns = &ns_simd[this_cpu()->id];

	if (!ns->loaded)
		return;

	write_sysreg(CPTR_ALLOW_ALL, cptr_el2);
	isb();
	realm_save(rec);
	ns_load(ns);
	ns->loaded = false;
	traps_simd(rec, false);
}

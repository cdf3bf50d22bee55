/* SPDX-License-Identifier: GPL-2.0-only */
/* FP, SIMD and SVE registers to and from memory: simd_regs.S */
#ifndef RMM_SIMD_REGS_H
#define RMM_SIMD_REGS_H

/* V0 to V31, 16 bytes each */
void simd_save_fp(void *v);
void simd_load_fp(const void *v);

/* Z0 to Z15, and Z16 to Z31; simd_vl() bytes each */
void simd_save_z(void *z_low, void *z_high);
void simd_load_z(const void *z_low, const void *z_high);

/* P0 to P15; simd_vl() / 8 bytes each */
void simd_save_p(void *p);
void simd_load_p(const void *p);

/* The first fault register; both lose P0. */
void simd_save_ffr(void *ffr);
void simd_load_ffr(const void *ffr);

/** simd_vl() - bytes of an SVE register at the length that ZCR_EL2 allows */
unsigned long simd_vl(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System registers, barriers and the register fields that more than one image uses.
 *
 * Registers are named as in the Arm ARM. Those that the assembler does not know under its
 * default architecture have their encoding here, so that no -march is needed for a name.
 */
#ifndef FIRMWARE_SYSREG_H
#define FIRMWARE_SYSREG_H

#include <linux/bits.h>
#include <linux/types.h>

/* RME */
#define GPTBR_EL3		S3_6_C2_C1_4
#define GPCCR_EL3		S3_6_C2_C1_6
#define MFAR_EL3		S3_6_C6_C0_5

/* Identification of features newer than the assembler's base */
#define ID_AA64MMFR2_EL1	S3_0_C0_C7_2
#define ID_AA64MMFR3_EL1	S3_0_C0_C7_3
#define ID_AA64MMFR4_EL1	S3_0_C0_C7_4
#define ID_AA64PFR2_EL1		S3_0_C0_C4_2
#define ID_AA64ZFR0_EL1		S3_0_C0_C4_4
#define ID_AA64SMFR0_EL1	S3_0_C0_C4_5
#define ID_AA64ISAR2_EL1	S3_0_C0_C6_2

/* GICv3 CPU interface */
#define ICC_PMR_EL1		S3_0_C4_C6_0
#define ICC_IAR0_EL1		S3_0_C12_C8_0
#define ICC_EOIR0_EL1		S3_0_C12_C8_1
#define ICC_SGI0R_EL1		S3_0_C12_C11_7
#define ICC_SRE_EL1		S3_0_C12_C12_5
#define ICC_SRE_EL2		S3_4_C12_C9_5
#define ICC_SRE_EL3		S3_6_C12_C12_5
#define ICC_SRE_ALL		ULL(0xf)	/* Enable, DIB, DFB, SRE */
#define ICC_CTLR_EL3		S3_6_C12_C12_4
#define ICC_IGRPEN0_EL1		S3_0_C12_C12_6
#define ICC_IGRPEN1_EL1		S3_0_C12_C12_7
#define ICC_IGRPEN1_EL3		S3_6_C12_C12_7
#define ICC_IAR1_EL1		S3_0_C12_C12_0
#define ICC_EOIR1_EL1		S3_0_C12_C12_1
#define ICC_SGI1R_EL1		S3_0_C12_C11_5
#define ICH_AP0R0_EL2		S3_4_C12_C8_0
#define ICH_AP0R1_EL2		S3_4_C12_C8_1
#define ICH_AP0R2_EL2		S3_4_C12_C8_2
#define ICH_AP0R3_EL2		S3_4_C12_C8_3
#define ICH_AP1R0_EL2		S3_4_C12_C9_0
#define ICH_AP1R1_EL2		S3_4_C12_C9_1
#define ICH_AP1R2_EL2		S3_4_C12_C9_2
#define ICH_AP1R3_EL2		S3_4_C12_C9_3
#define ICH_HCR_EL2		S3_4_C12_C11_0
#define ICH_VTR_EL2		S3_4_C12_C11_1
#define ICH_MISR_EL2		S3_4_C12_C11_2
#define ICH_EISR_EL2		S3_4_C12_C11_3
#define ICH_ELRSR_EL2		S3_4_C12_C11_5
#define ICH_VMCR_EL2		S3_4_C12_C11_7
#define ICH_LR0_EL2		S3_4_C12_C12_0
#define ICH_LR1_EL2		S3_4_C12_C12_1
#define ICH_LR2_EL2		S3_4_C12_C12_2
#define ICH_LR3_EL2		S3_4_C12_C12_3
#define ICH_LR4_EL2		S3_4_C12_C12_4
#define ICH_LR5_EL2		S3_4_C12_C12_5
#define ICH_LR6_EL2		S3_4_C12_C12_6
#define ICH_LR7_EL2		S3_4_C12_C12_7
#define ICH_LR8_EL2		S3_4_C12_C13_0
#define ICH_LR9_EL2		S3_4_C12_C13_1
#define ICH_LR10_EL2		S3_4_C12_C13_2
#define ICH_LR11_EL2		S3_4_C12_C13_3
#define ICH_LR12_EL2		S3_4_C12_C13_4
#define ICH_LR13_EL2		S3_4_C12_C13_5
#define ICH_LR14_EL2		S3_4_C12_C13_6
#define ICH_LR15_EL2		S3_4_C12_C13_7

/* SVE and SME control */
#define ZCR_EL1			S3_0_C1_C2_0
#define ZCR_EL2			S3_4_C1_C2_0
#define ZCR_EL3			S3_6_C1_C2_0
#define SMCR_EL1		S3_0_C1_C2_6
#define SMCR_EL2		S3_4_C1_C2_6
#define SMCR_EL3		S3_6_C1_C2_6
#define ZCR_LEN			GENMASK_ULL(3, 0)
#define SMCR_LEN		GENMASK_ULL(3, 0)
#define SMPRI_EL1		S3_0_C1_C2_4
#define SMPRIMAP_EL2		S3_4_C1_C2_5
#define TPIDR2_EL0		S3_3_C13_C0_5

/* Pointer authentication keys */
#define APIAKEYLO_EL1		S3_0_C2_C1_0
#define APIAKEYHI_EL1		S3_0_C2_C1_1
#define APIBKEYLO_EL1		S3_0_C2_C1_2
#define APIBKEYHI_EL1		S3_0_C2_C1_3
#define APDAKEYLO_EL1		S3_0_C2_C2_0
#define APDAKEYHI_EL1		S3_0_C2_C2_1
#define APDBKEYLO_EL1		S3_0_C2_C2_2
#define APDBKEYHI_EL1		S3_0_C2_C2_3
#define APGAKEYLO_EL1		S3_0_C2_C3_0
#define APGAKEYHI_EL1		S3_0_C2_C3_1

/* Memory tagging */
#define GCR_EL1			S3_0_C1_C0_6
#define RGSR_EL1		S3_0_C1_C0_5
#define TFSRE0_EL1		S3_0_C5_C6_1
#define TFSR_EL1		S3_0_C5_C6_0
#define TFSR_EL2		S3_4_C5_C6_0
#define TFSR_EL12		S3_5_C5_C6_0

/* Guarded control stack */
#define GCSCR_EL1		S3_0_C2_C5_0
#define GCSPR_EL1		S3_0_C2_C5_1
#define GCSCRE0_EL1		S3_0_C2_C5_2
#define GCSPR_EL0		S3_3_C2_C5_1
#define GCSCR_EL2		S3_4_C2_C5_0
#define GCSPR_EL2		S3_4_C2_C5_1

/* EL1 registers of the guest as a VHE hypervisor names them */
#define SCTLR_EL12		S3_5_C1_C0_0
#define CPACR_EL12		S3_5_C1_C0_2
#define SCTLR2_EL12		S3_5_C1_C0_3
#define ZCR_EL12		S3_5_C1_C2_0
#define TTBR0_EL12		S3_5_C2_C0_0
#define TTBR1_EL12		S3_5_C2_C0_1
#define TCR_EL12		S3_5_C2_C0_2
#define TCR2_EL12		S3_5_C2_C0_3
#define SPSR_EL12		S3_5_C4_C0_0
#define ELR_EL12		S3_5_C4_C0_1
#define AFSR0_EL12		S3_5_C5_C1_0
#define AFSR1_EL12		S3_5_C5_C1_1
#define ESR_EL12		S3_5_C5_C2_0
#define FAR_EL12		S3_5_C6_C0_0
#define MAIR_EL12		S3_5_C10_C2_0
#define AMAIR_EL12		S3_5_C10_C3_0
#define PIRE0_EL12		S3_5_C10_C2_2
#define PIR_EL12		S3_5_C10_C2_3
#define POR_EL12		S3_5_C10_C2_4
#define VBAR_EL12		S3_5_C12_C0_0
#define CONTEXTIDR_EL12		S3_5_C13_C0_1
#define CNTKCTL_EL12		S3_5_C14_C1_0
#define CNTP_CTL_EL02		S3_5_C14_C2_1
#define CNTP_CVAL_EL02		S3_5_C14_C2_2
#define CNTV_CTL_EL02		S3_5_C14_C3_1
#define CNTV_CVAL_EL02		S3_5_C14_C3_2

/* EL1 registers of newer features */
#define SCTLR2_EL1		S3_0_C1_C0_3
#define TCR2_EL1		S3_0_C2_C0_3
#define PIRE0_EL1		S3_0_C10_C2_2
#define PIR_EL1			S3_0_C10_C2_3
#define POR_EL1			S3_0_C10_C2_4
#define POR_EL0			S3_3_C10_C2_4
#define S2POR_EL1		S3_0_C10_C2_5
#define SCXTNUM_EL1		S3_0_C13_C0_7
#define SCXTNUM_EL0		S3_3_C13_C0_7
#define SCXTNUM_EL2		S3_4_C13_C0_7
#define DISR_EL1		S3_0_C12_C1_1

/* EL2 registers of newer features */
#define SCTLR2_EL2		S3_4_C1_C0_3
#define HFGRTR_EL2		S3_4_C1_C1_4
#define HFGWTR_EL2		S3_4_C1_C1_5
#define HFGITR_EL2		S3_4_C1_C1_6
#define HCRX_EL2		S3_4_C1_C2_2
#define TCR2_EL2		S3_4_C2_C0_3
#define VNCR_EL2		S3_4_C2_C2_0
#define VSTTBR_EL2		S3_4_C2_C6_0
#define VSTCR_EL2		S3_4_C2_C6_2
#define HDFGRTR2_EL2		S3_4_C3_C1_0
#define HDFGWTR2_EL2		S3_4_C3_C1_1
#define HFGRTR2_EL2		S3_4_C3_C1_2
#define HFGWTR2_EL2		S3_4_C3_C1_3
#define HDFGRTR_EL2		S3_4_C3_C1_4
#define HDFGWTR_EL2		S3_4_C3_C1_5
#define HAFGRTR_EL2		S3_4_C3_C1_6
#define HFGITR2_EL2		S3_4_C3_C1_7
#define VSESR_EL2		S3_4_C5_C2_3
#define VDISR_EL2		S3_4_C12_C1_1
#define PIRE0_EL2		S3_4_C10_C2_2
#define PIR_EL2			S3_4_C10_C2_3
#define POR_EL2			S3_4_C10_C2_4
#define S2PIR_EL2		S3_4_C10_C2_5
#define CONTEXTIDR_EL2		S3_4_C13_C0_1
#define TTBR1_EL2		S3_4_C2_C0_1
#define CNTPOFF_EL2		S3_4_C14_C0_6
#define CNTHV_CTL_EL2		S3_4_C14_C3_1
#define CNTHV_CVAL_EL2		S3_4_C14_C3_2
#define TRFCR_EL2		S3_4_C1_C2_1

/* EL3 registers of newer features */
#define SCTLR2_EL3		S3_6_C1_C0_3
#define MPAM3_EL3		S3_6_C10_C5_0
#define PMMIR_EL1		S3_0_C9_C14_6

/* SCTLR_ELx */
#define SCTLR_M			BIT_ULL(0)
#define SCTLR_EE		BIT_ULL(25)

/* HCR_EL2 */
#define HCR_EL2_VM		BIT_ULL(0)
#define HCR_EL2_SWIO		BIT_ULL(1)
#define HCR_EL2_PTW		BIT_ULL(2)
#define HCR_EL2_FMO		BIT_ULL(3)
#define HCR_EL2_IMO		BIT_ULL(4)
#define HCR_EL2_AMO		BIT_ULL(5)
#define HCR_EL2_VF		BIT_ULL(6)
#define HCR_EL2_VI		BIT_ULL(7)
#define HCR_EL2_VSE		BIT_ULL(8)
#define HCR_EL2_FB		BIT_ULL(9)
#define HCR_EL2_BSU_IS		BIT_ULL(10)
#define HCR_EL2_DC		BIT_ULL(12)
#define HCR_EL2_TWI		BIT_ULL(13)
#define HCR_EL2_TWE		BIT_ULL(14)
#define HCR_EL2_TID0		BIT_ULL(15)
#define HCR_EL2_TID1		BIT_ULL(16)
#define HCR_EL2_TID2		BIT_ULL(17)
#define HCR_EL2_TID3		BIT_ULL(18)
#define HCR_EL2_TSC		BIT_ULL(19)
#define HCR_EL2_TIDCP		BIT_ULL(20)
#define HCR_EL2_TACR		BIT_ULL(21)
#define HCR_EL2_TSW		BIT_ULL(22)
#define HCR_EL2_TPC		BIT_ULL(23)
#define HCR_EL2_TPU		BIT_ULL(24)
#define HCR_EL2_TTLB		BIT_ULL(25)
#define HCR_EL2_TVM		BIT_ULL(26)
#define HCR_EL2_TGE		BIT_ULL(27)
#define HCR_EL2_TDZ		BIT_ULL(28)
#define HCR_EL2_HCD		BIT_ULL(29)
#define HCR_EL2_TRVM		BIT_ULL(30)
#define HCR_EL2_RW		BIT_ULL(31)
#define HCR_EL2_CD		BIT_ULL(32)
#define HCR_EL2_ID		BIT_ULL(33)
#define HCR_EL2_E2H		BIT_ULL(34)
#define HCR_EL2_TLOR		BIT_ULL(35)
#define HCR_EL2_TERR		BIT_ULL(36)
#define HCR_EL2_TEA		BIT_ULL(37)
#define HCR_EL2_APK		BIT_ULL(40)
#define HCR_EL2_API		BIT_ULL(41)
#define HCR_EL2_FWB		BIT_ULL(46)
#define HCR_EL2_FIEN		BIT_ULL(47)
#define HCR_EL2_GPF		BIT_ULL(48)
#define HCR_EL2_TID4		BIT_ULL(49)
#define HCR_EL2_TICAB		BIT_ULL(50)
#define HCR_EL2_AMVOFFEN	BIT_ULL(51)
#define HCR_EL2_TOCU		BIT_ULL(52)
#define HCR_EL2_ENSCXT		BIT_ULL(53)
#define HCR_EL2_ATA		BIT_ULL(56)
#define HCR_EL2_TID5		BIT_ULL(58)

/* SPSR_ELx, AArch64 */
#define SPSR_M			GENMASK_ULL(3, 0)
#define SPSR_M_EL0T		ULL(0)
#define SPSR_M_EL1T		ULL(4)
#define SPSR_M_EL1H		ULL(5)
#define SPSR_M_EL2H		ULL(9)
#define SPSR_M_EL3H		ULL(13)
#define SPSR_NRW		BIT_ULL(4)
#define SPSR_F			BIT_ULL(6)
#define SPSR_I			BIT_ULL(7)
#define SPSR_A			BIT_ULL(8)
#define SPSR_D			BIT_ULL(9)
#define SPSR_DAIF		(SPSR_D | SPSR_A | SPSR_I | SPSR_F)
#define SPSR_SSBS		BIT_ULL(12)
#define SPSR_SS			BIT_ULL(21)
#define SPSR_PAN		BIT_ULL(22)
#define SPSR_DIT		BIT_ULL(24)
#define SPSR_TCO		BIT_ULL(25)
#define SPSR_NZCV		GENMASK_ULL(31, 28)

/* ESR_ELx */
#define ESR_EC			GENMASK_ULL(31, 26)
#define ESR_EC_UNKNOWN		ULL(0x00)
#define ESR_EC_WFX		ULL(0x01)
#define ESR_EC_FP		ULL(0x07)
#define ESR_EC_PAC		ULL(0x09)
#define ESR_EC_HVC32		ULL(0x12)
#define ESR_EC_SMC32		ULL(0x13)
#define ESR_EC_HVC64		ULL(0x16)
#define ESR_EC_SMC64		ULL(0x17)
#define ESR_EC_SYS64		ULL(0x18)
#define ESR_EC_SVE		ULL(0x19)
#define ESR_EC_SME		ULL(0x1d)
#define ESR_EC_GPC		ULL(0x1e)
#define ESR_EC_IABT_LOW		ULL(0x20)
#define ESR_EC_IABT_CUR		ULL(0x21)
#define ESR_EC_DABT_LOW		ULL(0x24)
#define ESR_EC_DABT_CUR		ULL(0x25)
#define ESR_EC_SERROR		ULL(0x2f)
#define ESR_IL			BIT_ULL(25)
#define ESR_ISS			GENMASK_ULL(24, 0)
/* ISS of a data abort */
#define ESR_ISV			BIT_ULL(24)
#define ESR_SAS			GENMASK_ULL(23, 22)
#define ESR_SSE			BIT_ULL(21)
#define ESR_SRT			GENMASK_ULL(20, 16)
#define ESR_SF			BIT_ULL(15)
#define ESR_SET			GENMASK_ULL(12, 11)
#define ESR_FNV			BIT_ULL(10)
#define ESR_EA			BIT_ULL(9)
#define ESR_S1PTW		BIT_ULL(7)
#define ESR_WNR			BIT_ULL(6)
#define ESR_FSC			GENMASK_ULL(5, 0)

#ifndef __ASSEMBLER__

#define __stringify_1(x...)	#x
#define __stringify(x...)	__stringify_1(x)

/* r: a register by its name in the Arm ARM, or one of the encodings above. */
#define read_sysreg(r) ({						\
	u64 __val;							\
	asm volatile("mrs %0, " __stringify(r) : "=r" (__val));		\
	__val;								\
})

#define write_sysreg(v, r) do {						\
	u64 __val = (u64)(v);						\
	asm volatile("msr " __stringify(r) ", %x0" : : "rZ" (__val));	\
} while (0)

#define isb()		asm volatile("isb" : : : "memory")
#define dsb(opt)	asm volatile("dsb " #opt : : : "memory")
#define dmb(opt)	asm volatile("dmb " #opt : : : "memory")
#define wfi()		asm volatile("wfi" : : : "memory")
#define wfe()		asm volatile("wfe" : : : "memory")
#define sev()		asm volatile("sev" : : : "memory")
#define cpu_relax()	asm volatile("yield" : : : "memory")

/* op: an operation with one register, "vae2is" for example. */
#define tlbi_va(op, v)	asm volatile("tlbi " #op ", %x0" : : "rZ" ((u64)(v)) : "memory")
#define tlbi(op)	asm volatile("tlbi " #op : : : "memory")
#define dc(op, addr)	asm volatile("dc " #op ", %0" : : "r" ((u64)(addr)) : "memory")

/**
 * cpu_index() - number of the CPU this runs on
 *
 * Return: 0 to MAX_CPUS - 1 (memmap.h)
 */
static inline unsigned int cpu_index(void)
{
	return read_sysreg(mpidr_el1) & 0xff;
}

#endif /* !__ASSEMBLER__ */
#endif /* FIRMWARE_SYSREG_H */

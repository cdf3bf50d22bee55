// SPDX-License-Identifier: GPL-2.0-only
/*
 * Emulated MMIO for realms.
 *
 * A realm reaches emulated devices in the unprotected half of its IPA space.
 * The RMM reports such an access with what the host needs to carry it out and
 * no more: address, size, direction and, for a write, the data. It withholds
 * the register the realm used and whether a load sign-extends. The host
 * answers with the next REC entry, in one of three ways (DEN0137 A4.2.3):
 *
 *   EMUL_MMIO	the access is done; for a read the data is in gprs[0]. The RMM
 *		extends it, writes the register and steps the PC.
 *   INJECT_SEA	the realm takes a synchronous external abort.
 *   neither	the realm repeats the access.
 *
 * So unlike for any other VM, neither the vCPU's registers nor its PC take
 * part. The data goes to the realm zero-extended and without any byte swap:
 * the host cannot know the endianness the realm runs with, and a big-endian
 * realm has to swap for itself.
 *
 * All state of an access is in struct kvm_rec: @mmio is what the last REC exit
 * reported, and @entry_flags with @run->enter.gprs[0] what the next entry is
 * to say. Both last until a REC entry really happens, however often KVM_RUN
 * returns in between.
 */

#include <linux/bitfield.h>
#include <linux/kvm_host.h>

#include <kvm/iodev.h>

#include <asm/esr.h>
#include <asm/kvm_emulate.h>
#include <asm/kvm_rmi.h>
#include <asm/rmi.h>

#include <trace/events/kvm.h>

#include "trace.h"

/*
 * LD64B, ST64B, ST64BV and ST64BV0 come with a valid syndrome like any other
 * access, and are told from it by ESR_ELx[12:11] when the fault is one for
 * which that is the type of the access. The host can't complete them.
 */
static bool is_ldst64b(u64 esr)
{
	switch (esr & ESR_ELx_FSC) {
	case 0b000100 ... 0b001111:
	case 0b101010 ... 0b101011:
		return esr & GENMASK(12, 11);
	default:
		return false;
	}
}

static bool is_external_abort(u64 esr)
{
	switch (esr & ESR_ELx_FSC) {
	case ESR_ELx_FSC_EXTABT:
	case ESR_ELx_FSC_SECC:
		return true;
	default:
		return esr_fsc_is_sea_ttw(esr) || esr_fsc_is_secc_ttw(esr);
	}
}

/**
 * kvm_rec_mmio_exit() - Take note of a REC exit
 * @vcpu: vCPU whose REC was entered, and left for whatever reason
 *
 * The entry has consumed whatever was due for the previous access; forget it.
 * Then see what this exit is. DEN0137 A4.3.4.3.
 */
void kvm_rec_mmio_exit(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;
	const struct rmi_rec_exit *exit = &rec->run->exit;
	u64 offset, esr = exit->esr;
	unsigned int len;
	gpa_t ipa;

	vcpu->mmio_needed = 0;
	rec->entry_flags &= ~(RMI_REC_ENTER_FLAGS_EMUL_MMIO |
			      RMI_REC_ENTER_FLAGS_INJECT_SEA);
	rec->mmio = (struct kvm_rec_mmio) {
		.abort = KVM_REC_ABORT_NONE,
	};

	if (exit->exit_reason != RMI_EXIT_SYNC ||
	    ESR_ELx_EC(esr) != ESR_ELx_EC_DABT_LOW || is_external_abort(esr))
		return;

	ipa = FIELD_GET(HPFAR_EL2_FIPA, exit->hpfar) << 12;
	if (!kvm_realm_ipa_is_shared(vcpu->kvm, ipa))
		return;

	rec->mmio.abort = KVM_REC_ABORT_OPAQUE;
	rec->mmio.gpa = kvm_realm_ipa_to_gpa(vcpu->kvm, ipa);
	if (!(esr & ESR_ELx_ISV) || is_ldst64b(esr))
		return;

	/* The rest of the access is at an address that is not known. */
	len = 1 << FIELD_GET(ESR_ELx_SAS, esr);
	offset = FAR_TO_FIPA_OFFSET(exit->far);
	if (offset + len > RMI_GRANULE_BYTES)
		return;

	rec->mmio.abort = KVM_REC_ABORT_EMULATABLE;
	rec->mmio.gpa |= offset;
	rec->mmio.write = esr & ESR_ELx_WNR;
	rec->mmio.len = len;
	if (rec->mmio.write)
		rec->mmio.data = exit->gprs[0] &
				 GENMASK_ULL(rec->mmio.len * 8 - 1, 0);
}

/**
 * kvm_rec_mmio_resolved() - The realm is going to repeat its access
 * @vcpu: vCPU whose REC left with an abort for which there is memory
 *
 * Userspace is not told of such an access, so it cannot abort it either.
 */
void kvm_rec_mmio_resolved(struct kvm_vcpu *vcpu)
{
	vcpu->arch.rec->mmio.abort = KVM_REC_ABORT_NONE;
}

/* The access is done: make the RMM complete the instruction. */
static void complete_access(struct kvm_vcpu *vcpu, const void *buf)
{
	struct kvm_rec *rec = vcpu->arch.rec;
	const struct kvm_rec_mmio *mmio = &rec->mmio;

	if (!mmio->write) {
		unsigned long data = kvm_mmio_read_buf(buf, mmio->len);

		trace_kvm_mmio(KVM_TRACE_MMIO_READ, mmio->len, mmio->gpa,
			       &data);
		rec->run->enter.gprs[0] = data;
	}

	rec->entry_flags |= RMI_REC_ENTER_FLAGS_EMUL_MMIO;
}

/* Return: 0 if a device in the kernel did the access. */
static int access_in_kernel(struct kvm_vcpu *vcpu, u8 *buf)
{
	const struct kvm_rec_mmio *mmio = &vcpu->arch.rec->mmio;

	if (mmio->write) {
		unsigned long data = mmio->data;

		trace_kvm_mmio(KVM_TRACE_MMIO_WRITE, mmio->len, mmio->gpa,
			       &data);
		kvm_mmio_write_buf(buf, mmio->len, data);
		return kvm_io_bus_write(vcpu, KVM_MMIO_BUS, mmio->gpa,
					mmio->len, buf);
	}

	trace_kvm_mmio(KVM_TRACE_MMIO_READ_UNSATISFIED, mmio->len, mmio->gpa,
		       NULL);
	return kvm_io_bus_read(vcpu, KVM_MMIO_BUS, mmio->gpa, mmio->len, buf);
}

/**
 * kvm_rec_emulate_mmio() - Carry out the access of the last REC exit
 * @vcpu: vCPU whose REC left with a data abort at an unprotected IPA that is
 *	  no memory: no memslot, or a write to one that is read-only
 *
 * An access that cannot be emulated is answered with an SEA. One that can is
 * offered to the devices in the kernel and, if none takes it, to userspace.
 * Called with kvm->srcu held for reading.
 *
 * Return: 1 to enter the REC again, 0 to exit with KVM_EXIT_MMIO, -EFAULT if
 *	   the last exit was no such abort.
 */
int kvm_rec_emulate_mmio(struct kvm_vcpu *vcpu)
{
	const struct kvm_rec_mmio *mmio = &vcpu->arch.rec->mmio;
	struct kvm_run *run = vcpu->run;
	u8 buf[8];

	switch (mmio->abort) {
	case KVM_REC_ABORT_NONE:
		return -EFAULT;
	case KVM_REC_ABORT_OPAQUE:
		/* The PC of a realm is none of the host's business. */
		trace_kvm_mmio_nisv(0, kvm_vcpu_get_esr(vcpu),
				    kvm_vcpu_get_hfar(vcpu), mmio->gpa);
		return kvm_rec_inject_sea(vcpu);
	case KVM_REC_ABORT_EMULATABLE:
		break;
	}

	if (!access_in_kernel(vcpu, buf)) {
		vcpu->stat.mmio_exit_kernel++;
		complete_access(vcpu, buf);
		return 1;
	}

	run->exit_reason = KVM_EXIT_MMIO;
	run->mmio.phys_addr = mmio->gpa;
	run->mmio.len = mmio->len;
	run->mmio.is_write = mmio->write;
	if (mmio->write)
		memcpy(run->mmio.data, buf, mmio->len);

	vcpu->mmio_needed = 1;
	vcpu->stat.mmio_exit_user++;
	return 0;
}

/**
 * kvm_rec_complete_mmio() - Userspace runs the vCPU again after KVM_EXIT_MMIO
 * @vcpu: the vCPU
 *
 * Takes the data of a read, once. Does nothing if there is no access to
 * complete: completed before, abandoned for an SEA, or never made.
 *
 * Return: 1.
 */
int kvm_rec_complete_mmio(struct kvm_vcpu *vcpu)
{
	if (!vcpu->mmio_needed)
		return 1;

	vcpu->mmio_needed = 0;
	complete_access(vcpu, vcpu->run->mmio.data);
	return 1;
}

/**
 * kvm_rec_inject_sea() - Have the realm take an SEA
 * @vcpu: the vCPU, whatever state it is in
 *
 * Instead of completing the access of the last REC exit, which has to be a
 * data abort at an unprotected IPA that nothing completed yet: the RMM takes
 * RMI_REC_ENTER_FLAGS_INJECT_SEA at no other time.
 *
 * Return: 1, or -EINVAL with nothing changed if an SEA cannot be injected now.
 */
int kvm_rec_inject_sea(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;

	if (!rec || rec->mmio.abort == KVM_REC_ABORT_NONE ||
	    rec->entry_flags & RMI_REC_ENTER_FLAGS_EMUL_MMIO)
		return -EINVAL;

	vcpu->mmio_needed = 0;
	rec->entry_flags |= RMI_REC_ENTER_FLAGS_INJECT_SEA;
	return 1;
}

/**
 * kvm_rec_get_events() - KVM_GET_VCPU_EVENTS for a realm
 * @vcpu: the vCPU, whatever state it is in
 * @events: zeroed by the caller
 *
 * Other than for any other VM an SEA stays pending, and is reported as such,
 * until the REC is entered. SErrors of a realm are the RMM's alone.
 */
void kvm_rec_get_events(struct kvm_vcpu *vcpu, struct kvm_vcpu_events *events)
{
	struct kvm_rec *rec = vcpu->arch.rec;

	events->exception.ext_dabt_pending =
		rec && rec->entry_flags & RMI_REC_ENTER_FLAGS_INJECT_SEA;
}

/**
 * kvm_rec_set_events() - KVM_SET_VCPU_EVENTS for a realm
 * @vcpu: the vCPU, whatever state it is in
 * @events: what userspace asks for, checked for reserved bits
 *
 * Return: 0, or -EINVAL with nothing changed: an SError, or an external abort
 *	   at a time when kvm_rec_inject_sea() cannot inject one.
 */
int kvm_rec_set_events(struct kvm_vcpu *vcpu,
		       const struct kvm_vcpu_events *events)
{
	int ret;

	if (events->exception.serror_pending)
		return -EINVAL;

	if (!events->exception.ext_dabt_pending)
		return 0;

	ret = kvm_rec_inject_sea(vcpu);
	return ret < 0 ? ret : 0;
}

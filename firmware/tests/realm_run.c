// SPDX-License-Identifier: GPL-2.0-only
/* Running the REC of a test, see realm_run.h. */
#include <string.h>
#include <sysreg.h>
#include "realm_run.h"

#define POISON	0xa5

void boot(struct realm *r, void (*fn)(unsigned long arg))
{
	realm_init(r);
	require_status(realm_start(r, fn, 0), RMI_SUCCESS);
}

bool is_host_call(const struct rmi_rec_exit *exit, u16 imm)
{
	return exit->exit_reason == RMI_EXIT_HOST_CALL && exit->imm == imm;
}

void check_guest(const struct rmi_rec_exit *exit)
{
	if (is_host_call(exit, GUEST_FAIL)) {
		test_failed("guest", exit->gprs[0], "0x%llx, not 0x%llx", exit->gprs[1],
			    exit->gprs[2]);
		test_abort();
	}
	if (is_host_call(exit, GUEST_TRAP)) {
		test_failed("guest", 0, "exception: vector 0x%llx ESR 0x%llx ELR 0x%llx FAR 0x%llx",
			    exit->gprs[0], exit->gprs[1], exit->gprs[2], exit->gprs[3]);
		test_abort();
	}
}

const struct rmi_rec_exit *enter(struct realm *r, unsigned int n, unsigned long flags)
{
	require_status(realm_enter(r, n, flags), RMI_SUCCESS);
	require(!test_expired());
	check_guest(realm_exit(r, n));
	return realm_exit(r, n);
}

const struct rmi_rec_exit *enter_host_call(struct realm *r, unsigned int n, u16 imm)
{
	const struct rmi_rec_exit *exit = enter(r, n, 0);

	require_eq(exit->exit_reason, RMI_EXIT_HOST_CALL);
	require_eq(exit->imm, imm);
	return exit;
}

void finish(struct realm *r)
{
	enter_host_call(r, 0, GUEST_DONE);
	check_status(realm_destroy(r), RMI_SUCCESS);
}

u64 exit_class(const struct rmi_rec_exit *exit)
{
	return exit->exit_reason == RMI_EXIT_SYNC ? FIELD_GET(ESR_EC, exit->esr) : ~0ULL;
}

void require_data_abort(const struct rmi_rec_exit *exit, unsigned long ipa)
{
	require_eq(exit_class(exit), ESR_EC_DABT_LOW);
	require_eq(exit_ipa(exit), ipa);
}

void require_instruction_abort(const struct rmi_rec_exit *exit, unsigned long ipa)
{
	require_eq(exit_class(exit), ESR_EC_IABT_LOW);
	require_eq(exit_ipa(exit), ipa);
}

void poison_exit(struct realm *r, unsigned int n)
{
	memset(&r->rec[n].run->exit, POISON, sizeof(r->rec[n].run->exit));
}

bool only_gprs0(const struct rmi_rec_exit *exit)
{
	unsigned int i;

	for (i = 1; i < ARRAY_SIZE(exit->gprs); i++) {
		if (exit->gprs[i])
			return false;
	}
	return true;
}

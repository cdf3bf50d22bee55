/* SPDX-License-Identifier: GPL-2.0-only */
/* Running the REC of a test and saying what it should leave with. */
#ifndef TESTS_REALM_RUN_H
#define TESTS_REALM_RUN_H

#include "guest.h"
#include "realm.h"
#include "test.h"

/** boot() - a realm of one REC that executes @fn; the test aborts when that fails */
void boot(struct realm *r, void (*fn)(unsigned long arg));

/** finish() - the REC must come to the end of its function; destroys the realm */
void finish(struct realm *r);

/**
 * enter() - RMI_REC_ENTER, which has to succeed
 *
 * The test fails and ends when the realm reports a failure or an exception of its own.
 *
 * Return: what it left with
 */
const struct rmi_rec_exit *enter(struct realm *r, unsigned int n, unsigned long flags);

/** check_guest() - the test fails and ends when the exit is a failure that the realm reports */
void check_guest(const struct rmi_rec_exit *exit);

/** enter_host_call() - enter(); the REC has to leave with a host call with this immediate */
const struct rmi_rec_exit *enter_host_call(struct realm *r, unsigned int n, u16 imm);

/** is_host_call() - did the REC leave with a host call with this immediate? */
bool is_host_call(const struct rmi_rec_exit *exit, u16 imm);

/** exit_class() - exception class of an exit with SYNC, else ~0 */
u64 exit_class(const struct rmi_rec_exit *exit);

/** exit_ipa() - IPA of the page of an abort */
static inline unsigned long exit_ipa(const struct rmi_rec_exit *exit)
{
	return exit->hpfar << 8;
}

/* The test ends unless the REC left with an abort at @ipa */
void require_data_abort(const struct rmi_rec_exit *exit, unsigned long ipa);
void require_instruction_abort(const struct rmi_rec_exit *exit, unsigned long ipa);

/** poison_exit() - fill the exit half of the run page, to see what the RMM writes */
void poison_exit(struct realm *r, unsigned int n);

/**
 * only_gprs0() - are all of gprs[1] to gprs[30] zero?
 */
bool only_gprs0(const struct rmi_rec_exit *exit);

#endif /* TESTS_REALM_RUN_H */

#!/bin/awk -f
# SPDX-License-Identifier: GPL-2.0-only
# gen-rmi.awk: header generator for the interfaces of DEN0137 (RMI and RSI)
#
# Usage: awk -v mode=MODE -f gen-rmi.awk DESCRIPTION
#
#   mode=defs   function IDs, enumerations, bit fields, structures
#   mode=calls  a typed wrapper for each command
#
# The description (see arch/arm64/tools/rmi) is a sequence of statements, one
# a line, with the fields separated by white space:
#
#   Interface NAME MAJOR MINOR            first statement; RMI or RSI
#
#   Enum TYPE WIDTH SECTION               WIDTH in bits, or s64 for a signed one
#     Names                               a function that returns value names
#     Value NUMBER NAME [TEXT]
#   EndEnum
#
#   Bits TYPE WIDTH SECTION               every bit is described exactly once,
#     Field MSB[:LSB] NAME [TEXT]         from bit 0 upwards
#     Res0 MSB[:LSB]
#   EndBits
#
#   Struct TYPE SIZE SECTION
#     At OFFSET CTYPE[[COUNT]] NAME [TEXT]
#   EndStruct
#
#   Status BITS ENUM                      type of X0: the fields, the codes
#
#   Incomplete SECTION                    what X1.. hold with RMI_INCOMPLETE
#     Out Xn NAME ARGTYPE [TEXT]
#   EndIncomplete
#
#   Command NAME FID SECTION [TEXT]
#     Stateful                            may answer RMI_INCOMPLETE
#     In Xn NAME ARGTYPE [TEXT]
#     Out Xn NAME ARGTYPE [TEXT]
#   EndCommand
#
# TYPE is spelled as in the specification (RmiRecEnter), CTYPE is u8, u16, u32,
# u64, s64, pa, ipa or a TYPE described above, ARGTYPE is u64, s64, pa, ipa or
# an Enum or Bits type described above.
#
# The first mistake is reported as FILE:LINE: error: ...; then nothing is
# written to stdout and the exit status is 1.
#
# Works with mawk, gawk, busybox awk and the one true awk.

function fatal_at(where, msg) {
	print where ": error: " msg | "cat 1>&2"
	close("cat 1>&2")
	failed = 1
	exit 1
}

function fatal(msg) {
	fatal_at(file ":" NR, msg)
}

# Refuse a statement with a number of fields outside [min, max]; max 0: no limit
function expect_fields(min, max) {
	if (NF < min || (max && NF > max))
		fatal("'" $1 "' has " NF - 1 " operands, expected " min - 1 \
		      (max == min ? "" : (max ? " to " max - 1 : " or more")))
}

# Rest of the line from field n
function text_from(n,	i, s) {
	s = ""
	for (i = n; i <= NF; i++)
		s = s (i > n ? " " : "") $i
	if (s ~ /\*\// || s ~ /\/\*/)
		fatal("text must not contain '/*' or '*/'")
	return s
}

# Decimal or 0x-prefixed number to a value; awk's own conversion of hexadecimal
# differs between implementations.
function number(s,	i, v, d) {
	if (s ~ /^(0|[1-9][0-9]*)$/) {
		if (length(s) > 15)
			fatal("number '" s "' is too large")
		return s + 0
	}
	if (s !~ /^0x[0-9A-Fa-f]+$/)
		fatal("'" s "' is not a number")
	if (length(s) > 14)
		fatal("number '" s "' is too large")
	v = 0
	s = tolower(s)
	for (i = 3; i <= length(s); i++) {
		d = index("0123456789abcdef", substr(s, i, 1)) - 1
		v = v * 16 + d
	}
	return v
}

# Without the operator, which needs a build option of busybox awk
function power_of_2(n,	v) {
	for (v = 1; n > 0; n--)
		v *= 2
	return v
}

# RmiRecEnter -> RMI_REC_ENTER
function snake(type,	i, c, p, s) {
	s = ""
	p = ""
	for (i = 1; i <= length(type); i++) {
		c = substr(type, i, 1)
		if (c ~ /[A-Z]/ && p ~ /[a-z0-9]/)
			s = s "_"
		s = s c
		p = c
	}
	return toupper(s)
}

function upper_name(s) {
	if (s !~ /^[A-Z][A-Z0-9_]*$/)
		fatal("'" s "' is not an upper-case name")
	return s
}

function lower_name(s) {
	if (s !~ /^[a-z][a-z0-9_]*$/)
		fatal("'" s "' is not a lower-case name")
	if (s in reserved_word)
		fatal("'" s "' is a reserved word of C")
	return s
}

# RmiRecEnter -> rmi_rec_enter
function lower(type) {
	return tolower(snake(type))
}

# Everything the compiler would see as one name space
function claim(name) {
	if (name in claimed)
		fatal("duplicate name " name ", first at line " claimed[name])
	claimed[name] = NR
}

function section_name(s) {
	if (s !~ /^[A-D][0-9]+(\.[0-9]+)*$/)
		fatal("'" s "' is not a section of DEN0137")
	return s
}

function new_type(type, kind) {
	if (type !~ /^[A-Z][a-z]+[A-Z0-9][A-Za-z0-9]*$/)
		fatal("'" type "' is not a type name")
	if (type in type_kind)
		fatal("duplicate type " type ", first at line " type_line[type])
	type_kind[type] = kind
	type_line[type] = NR
}

function block_begin(kind) {
	if (block)
		fatal("'" kind "' inside " block " (line " block_line \
		      "), End" block " is missing")
	if (!iface)
		fatal("'Interface' must come first")
	block = kind
	block_line = NR
	n_members = 0
}

function block_end(kind) {
	if (block != kind)
		fatal("'End" kind "' without '" kind "'")
	if (!n_members && kind != "Command")
		fatal(kind " without content")
	block = ""
}

function need_block(kind) {
	if (block != kind)
		fatal("'" $1 "' outside of " kind)
}

# Output is collected and written by END, so that a mistake leaves none of it
function def(line) {
	def_out[n_def++] = line
}

function cpart(line) {
	c_out[n_c++] = line
}

function call(line) {
	call_out[n_call++] = line
}

function define(name, value, text) {
	claim(name)
	def(sprintf("#define %-47s %s", name, value) \
	    (text == "" ? "" : "\t/* " text " */"))
}

function mask(msb, lsb) {
	if (msb == lsb)
		return "BIT_ULL(" msb ")"
	return "GENMASK_ULL(" msb ", " lsb ")"
}

# "MSB:LSB" or "BIT" into the globals msb and lsb
function parse_bits(s,	part) {
	if (s ~ /^[0-9]+$/) {
		msb = lsb = number(s)
	} else if (s ~ /^[0-9]+:[0-9]+$/) {
		split(s, part, ":")
		msb = number(part[1])
		lsb = number(part[2])
	} else {
		fatal("'" s "' is not a bit or a range of bits")
	}
	if (msb < lsb)
		fatal("bits " s ": the high bit comes first")
	if (msb >= width)
		fatal("bits " s " are outside of " type ", which has " width)
	if (lsb < next_bit)
		fatal("bits " s " overlap bit " next_bit - 1 " of " type)
	if (lsb > next_bit)
		fatal("bits " lsb - 1 ":" next_bit " of " type " are not described")
	next_bit = msb + 1
}

# Arm CCA owns the fast 64-bit calls 0x150 to 0x2CF of the standard secure
# service; 0x190 to 0x1CF are split between RSI and the interfaces to EL3.
function fid_in_range(fid,	n) {
	if (fid !~ /^0xC4000/)
		return 0
	n = number("0x" substr(fid, 8))
	if (iface == "RSI")
		return n >= number("0x190") && n <= number("0x1BF")
	return (n >= number("0x150") && n <= number("0x18F")) || \
	       (n >= number("0x1D0") && n <= number("0x2CF"))
}

# C type, size and alignment of a structure member
function member_type(t,	bits) {
	if (t in scalar_c) {
		m_ctype = scalar_c[t]
		m_size = m_align = scalar_size[t]
	} else if (!(t in type_kind)) {
		fatal("unknown type " t)
	} else if (type_kind[t] == "Struct") {
		m_ctype = "struct " lower(t)
		m_size = struct_size[t]
		m_align = struct_align[t]
	} else {
		bits = type_width[t]
		if (bits != 8 && bits != 16 && bits != 32 && bits != 64)
			fatal(t " has " bits " bits, which is no whole member")
		m_ctype = (type_signed[t] ? "s" : "u") bits
		m_size = m_align = bits / 8
	}
}

function arg_type(t) {
	if (t == "s64")
		return "long"
	if (t == "u64" || t == "pa" || t == "ipa")
		return "unsigned long"
	if (!(t in type_kind))
		fatal("unknown type " t)
	if (type_kind[t] == "Struct")
		fatal("structure " t " cannot be passed in a register")
	return type_signed[t] ? "long" : "unsigned long"
}

# "Xn" to n
function reg_number(s,	n) {
	if (s !~ /^X(0|[1-9][0-9]*)$/)
		fatal("'" s "' is not a register")
	n = substr(s, 2) + 0
	if (n == 0)
		fatal("X0 holds the function ID and the result")
	if (n > MAX_REG)
		fatal("too many registers: " s " is beyond X" MAX_REG)
	return n
}

# One line of a kernel-doc comment
function doc_line(name, text) {
	return " * @" name ":" (text == "" ? "" : " " text)
}

function default_text(t) {
	if (t == "pa")
		return "physical address"
	if (t == "ipa")
		return "intermediate physical address"
	return t in type_kind ? "see " t : ""
}

function emit_names(	i, fn) {
	fn = lower(type) "_name"
	claim(fn)
	cpart("/**")
	cpart(" * " fn "() - Name of a value of " type)
	cpart(" * @value: the value")
	cpart(" *")
	cpart(" * Return: the name in DEN0137, \"unknown\" for a reserved value.")
	cpart(" */")
	cpart("static inline const char *" fn "(" \
	      (type_signed[type] ? "long" : "unsigned long") " value)")
	cpart("{")
	cpart("\tswitch (value) {")
	for (i = 0; i < n_members; i++) {
		cpart("\tcase " member[i] ":")
		cpart("\t\treturn \"" member[i] "\";")
	}
	cpart("\tdefault:")
	cpart("\t\treturn \"unknown\";")
	cpart("\t}")
	cpart("}")
	cpart("")
}

# Bytes without a name, which kernel-doc is not to ask about
function emit_padding(bytes) {
	if (!bytes)
		return
	cpart("\t/* private: */")
	cpart(sprintf("\tu8 reserved%d[0x%x];", n_pads++, bytes))
	cpart("\t/* public: */")
}

function emit_struct(	i, s, at) {
	s = lower(type)
	cpart("/**")
	cpart(" * struct " s " - " type ", DEN0137 " section)
	for (i = 0; i < n_members; i++)
		cpart(doc_line(member[i], m_text[i]))
	cpart(" */")
	cpart("struct " s " {")
	at = 0
	n_pads = 0
	for (i = 0; i < n_members; i++) {
		emit_padding(m_off[i] - at)
		cpart("\t" m_decl[i] ";")
		at = m_off[i] + m_bytes[i]
	}
	emit_padding(struct_size[type] - at)
	cpart("};")
	for (i = 0; i < n_members; i++)
		cpart(sprintf("static_assert(__builtin_offsetof(struct %s, %s) == 0x%x);",
			      s, member[i], m_off[i]))
	cpart(sprintf("static_assert(sizeof(struct %s) == 0x%x);", s, struct_size[type]))
	cpart("")
}

# The least significant bit of a field that 'Status' relies on
function status_lsb(t, f) {
	if (!((t, f) in field_lsb))
		fatal("'Status' needs field " f " of " t)
	return field_lsb[t, f]
}

# shift an expression left or right by a constant
function shl(expr, n) {
	return n ? expr " << " n : expr
}

function shr(expr, n) {
	return n ? expr " >> " n : expr
}

function status_function(ret, name, args, expr, text) {
	claim(name)
	cpart("/* " text " */")
	cpart("static inline " ret name "(" args ")")
	cpart("{")
	cpart("\treturn " expr ";")
	cpart("}")
	cpart("")
}

# The type of X0 and what it is made of and taken apart with. The data part
# holds a level or the fields of an incomplete operation, by the code.
function emit_status(	t, arg, make, data, level, incompl, mem, cancel) {
	t = low "_status_t"
	arg = t " status"
	make = "(" t ") { .raw = "
	level = "RmiResultDataLevel"
	incompl = "RmiResultDataIncomplete"
	data = status_lsb(status_bits, "DATA")
	mem = data + status_lsb(incompl, "MEM")
	cancel = data + status_lsb(incompl, "CANCEL")
	if (status_lsb(status_bits, "STATUS") || status_lsb(level, "LEVEL") || \
	    status_lsb(incompl, "MEM"))
		fatal("a field of " status_bits " or its data does not start at bit 0")

	claim(t)
	cpart("/**")
	cpart(" * typedef " t " - Result of an " iface " command: X0 of the answer")
	cpart(" *")
	cpart(" * A type of its own, so that it is never taken for an errno.")
	cpart(" */")
	cpart("typedef struct " low "_status {")
	cpart("\tunsigned long raw;")
	cpart("} " t ";")
	cpart("")
	status_function(t " ", low "_status", "unsigned long code, unsigned long data", \
			make "code | " shl("data", data) " }", \
			"A status; data is 0, or as the code wants it")
	status_function(t " ", low "_status_level", "unsigned long code, long level", \
			make "code | " shl("((unsigned long)level & " snake(level) "_LEVEL)", data) " }", \
			"A status with the level at which a walk ended")
	status_function(t " ", low "_status_incomplete", \
			"unsigned long mem_req, bool can_cancel", \
			make iface "_INCOMPLETE | " shl("mem_req", mem) " | " \
			shl("(unsigned long)can_cancel", cancel) " }", \
			iface "_INCOMPLETE; mem_req is one of RmiOpMemReq")
	status_function("unsigned long ", low "_code", arg, \
			"status.raw & " snake(status_bits) "_STATUS", "One of " status_enum)
	status_function("unsigned long ", low "_data", arg, \
			shr("status.raw", data), "What goes with the code")
	status_function("unsigned long ", low "_index", arg, \
			low "_data(status) & " snake(level) "_LEVEL", \
			"Level at which a walk ended, for the codes that have one; else 0")
	status_function("bool ", low "_ok", arg, \
			low "_code(status) == " iface "_SUCCESS", "The command is complete")
	status_function("bool ", low "_is_incomplete", arg, \
			low "_code(status) == " iface "_INCOMPLETE", \
			"The command is to be continued with " iface "_OP_*")
	status_function("unsigned long ", low "_mem_req", arg, \
			low "_data(status) & " snake(incompl) "_MEM", \
			"With " iface "_INCOMPLETE: one of RmiOpMemReq")
	status_function("bool ", low "_can_cancel", arg, \
			low "_data(status) & " snake(incompl) "_CANCEL", \
			"With " iface "_INCOMPLETE: " iface "_OP_CANCEL is allowed")
	status_function("const char *", low "_status_name", arg, \
			lower(status_enum) "_name(" low "_code(status))", \
			"Name of the code, for messages")
}

# A function head with its parameters, broken before column 100
function prototype(head, n, params,	i, line, word, columns) {
	line = head "("
	columns = 99
	for (i = 0; i < n; i++) {
		word = params[i] (i < n - 1 ? "," : ")")
		if (length(line) + length(word) > columns) {
			call(line)
			line = "\t\t" word
			columns = 99 - 2 * 7
		} else {
			line = line (line ~ /\($/ ? "" : " ") word
		}
	}
	call(n ? line : line "void)")
}

function emit_out_struct(name, what,	i) {
	call("/**")
	call(" * struct " name " - " what)
	if (stateful)
		call(" * @incomplete: how to go on after " iface "_INCOMPLETE, else zero")
	for (i = 0; i < n_out; i++)
		call(doc_line(out_name[i], out_text[i]))
	call(" */")
	call("struct " name " {")
	if (stateful)
		call("\tstruct " low "_incomplete incomplete;")
	for (i = 0; i < n_out; i++)
		call("\t" out_ctype[i] " " out_name[i] ";")
	call("};")
	call("")
}

# regs->aN as the type of output i; zero when the condition does not hold
function out_value(i, condition,	v) {
	v = "regs->a" out_reg[i]
	if (out_ctype[i] == "long")
		v = "(long)" v
	return condition == "" ? v : condition " ? " v " : 0"
}

function emit_incomplete(	name, i, params) {
	name = low "_incomplete"
	claim(name "_decode")
	claim("struct " name)
	emit_out_struct(name, "Outputs that go with " iface "_INCOMPLETE, DEN0137 " section)
	call("/* All zero when the status in regs is not " iface "_INCOMPLETE */")
	params[0] = "const struct arm_smccc_1_2_regs *regs"
	params[1] = "struct " name " *out"
	prototype("static inline void " name "_decode", 2, params)
	call("{")
	call("\tbool valid = " low "_is_incomplete((" low "_status_t) { .raw = regs->a0 });")
	call("")
	for (i = 0; i < n_out; i++)
		call("\tout->" out_name[i] " = " out_value(i, "valid") ";")
	call("}")
	call("")
}

function emit_encode(fn,	i, n, params) {
	n = 0
	params[n++] = "struct arm_smccc_1_2_regs *regs"
	for (i = 0; i < n_in; i++)
		params[n++] = in_ctype[i] " " in_name[i]
	prototype("static inline void " fn "_encode", n, params)
	call("{")
	call("\t*regs = (struct arm_smccc_1_2_regs) {")
	call("\t\t.a0 = SMC_" iface "_" cmd ",")
	for (i = 0; i < n_in; i++)
		call("\t\t.a" i + 1 " = " (in_ctype[i] == "long" ? "(unsigned long)" : "") in_name[i] ",")
	call("\t};")
	call("}")
	call("")
}

function emit_decode(fn,	i, params) {
	params[0] = "const struct arm_smccc_1_2_regs *regs"
	params[1] = "struct " fn "_out *out"
	prototype("static inline " low "_status_t " fn "_decode", 2, params)
	call("{")
	call("\t" low "_status_t status = { .raw = regs->a0 };")
	if (stateful && n_out)
		call("\tbool valid = !" low "_is_incomplete(status);")
	call("")
	if (stateful)
		call("\t" low "_incomplete_decode(regs, &out->incomplete);")
	for (i = 0; i < n_out; i++)
		call("\tout->" out_name[i] " = " out_value(i, stateful ? "valid" : "") ";")
	call("\treturn status;")
	call("}")
	call("")
}

function emit_call(fn, has_out,	i, n, params, args) {
	call("/**")
	call(" * " fn "() - " (cmd_text == "" ? iface "_" cmd : cmd_text))
	n = 0
	args = ""
	for (i = 0; i < n_in; i++) {
		call(doc_line(in_name[i], in_text[i]))
		params[n++] = in_ctype[i] " " in_name[i]
		args = args ", " in_name[i]
	}
	if (has_out) {
		call(doc_line("out", "where the outputs are stored"))
		params[n++] = "struct " fn "_out *out"
	}
	call(" *")
	call(" * " iface "_" cmd ", DEN0137 " section "." \
	     (stateful ? " The answer may be " iface "_INCOMPLETE." : ""))
	call(" *")
	call(" * Return: the status of the command.")
	call(" */")
	prototype("static inline " low "_status_t " fn, n, params)
	call("{")
	call("\tstruct arm_smccc_1_2_regs regs;")
	call("")
	call("\t" fn "_encode(&regs" args ");")
	call("\t" low "_smc(&regs);")
	call("\treturn " (has_out ? fn "_decode(&regs, out)" : \
			  "(" low "_status_t) { .raw = regs.a0 }") ";")
	call("}")
	call("")
}

function emit_command(	fn, has_out) {
	fn = low "_" tolower(cmd)
	has_out = n_out || stateful
	claim(fn)
	claim(fn "_encode")
	if (has_out) {
		claim(fn "_decode")
		claim("struct " fn "_out")
		emit_out_struct(fn "_out", "Outputs of " iface "_" cmd)
	}
	emit_encode(fn)
	if (has_out)
		emit_decode(fn)
	emit_call(fn, has_out)
}

function emit_guard_open(name) {
	print "/* SPDX-License-Identifier: GPL-2.0-only */"
	print "/* Generated by gen-rmi.awk from " base_name ", do not edit */"
	print "#ifndef " name
	print "#define " name
	print ""
}

function emit_guard_close(name) {
	print "#endif /* " name " */"
}

function print_defs(	i, guard) {
	guard = "__ASM_" iface "_DEFS_H"
	emit_guard_open(guard)
	print "#include <linux/bits.h>"
	print "#include <linux/const.h>"
	print "#ifndef __ASSEMBLER__"
	print "#include <linux/build_bug.h>"
	print "#include <linux/types.h>"
	print "#endif"
	print ""
	for (i = 0; i < n_def; i++)
		print def_out[i]
	print ""
	print "/* X(NAME, name, number of input registers, of output registers), without X0 */"
	print "#define " iface "_COMMANDS(X)" (n_cmd ? " \\" : "")
	for (i = 0; i < n_cmd; i++)
		print "\tX(" cmd_list[i] ")" (i < n_cmd - 1 ? " \\" : "")
	print ""
	print "#ifndef __ASSEMBLER__"
	print ""
	for (i = 0; i < n_c; i++)
		print c_out[i]
	print "#endif /* __ASSEMBLER__ */"
	print ""
	emit_guard_close(guard)
}

function print_calls(	i, guard) {
	guard = "__ASM_" iface "_CALLS_H"
	emit_guard_open(guard)
	print "/*"
	print " * The file that includes this one provides struct arm_smccc_1_2_regs and"
	print " * " low "_smc(struct arm_smccc_1_2_regs *regs), which makes the call with X0..X17"
	print " * taken from *regs and leaves the results there."
	print " */"
	print ""
	for (i = 0; i < n_call; i++)
		print call_out[i]
	emit_guard_close(guard)
}

BEGIN {
	MAX_REG = 17
	block = iface = status_bits = ""
	failed = n_def = n_c = n_call = n_cmd = incomplete = 0

	if (mode != "defs" && mode != "calls")
		fatal_at("gen-rmi.awk", "mode must be 'defs' or 'calls'")
	if (ARGC != 2)
		fatal_at("gen-rmi.awk", "one description is expected")
	file = base_name = ARGV[1]
	sub(/.*\//, "", base_name)

	scalar_c["u8"] = "u8"
	scalar_size["u8"] = 1
	scalar_c["u16"] = "u16"
	scalar_size["u16"] = 2
	scalar_c["u32"] = "u32"
	scalar_size["u32"] = 4
	scalar_c["u64"] = scalar_c["pa"] = scalar_c["ipa"] = "u64"
	scalar_size["u64"] = scalar_size["pa"] = scalar_size["ipa"] = 8
	scalar_c["s64"] = "s64"
	scalar_size["s64"] = 8

	n = split("auto break case char const continue default do double else " \
		  "enum extern float for goto if inline int long register " \
		  "return short signed sizeof static struct switch typedef " \
		  "union unsigned void volatile while bool u8 u16 u32 u64 s64 " \
		  "regs out incomplete", words, " ")
	for (i = 1; i <= n; i++)
		reserved_word[words[i]] = 1
}

/\r/ {
	fatal("carriage return")
}

/^[ \t]*(#|$)/ { next }

$1 == "Interface" {
	expect_fields(4, 4)
	if (iface)
		fatal("duplicate 'Interface'")
	if ($2 != "RMI" && $2 != "RSI")
		fatal("'" $2 "' is not an interface of DEN0137")
	iface = $2
	low = tolower(iface)
	define(iface "_ABI_MAJOR", "UL(" number($3) ")", "")
	define(iface "_ABI_MINOR", "UL(" number($4) ")", "")
	def("")
	next
}

$1 == "Enum" {
	block_begin("Enum")
	expect_fields(4, 4)
	type = $2
	new_type(type, "Enum")
	type_signed[type] = ($3 ~ /^s/)
	width = number(type_signed[type] ? substr($3, 2) : $3)
	if (width < 1 || width > 64)
		fatal("width " $3 " of " type " is not within 1..64")
	type_width[type] = width
	section = section_name($4)
	names = 0
	split("", seen_value)
	def("/* " type ", DEN0137 " section " */")
	next
}

$1 == "Names" {
	need_block("Enum")
	expect_fields(1, 1)
	if (names)
		fatal("duplicate 'Names'")
	names = 1
	next
}

$1 == "Value" {
	need_block("Enum")
	expect_fields(3, 0)
	negative = ($2 ~ /^-/)
	if (negative && !type_signed[type])
		fatal("negative value " $2 " in " type)
	v = number(negative ? substr($2, 2) : $2)
	if (negative && v == 0)
		fatal("'" $2 "' is not a number")
	if (v - negative >= power_of_2(width - type_signed[type]))
		fatal("value " $2 " does not fit the " width " bits of " type)
	key = (negative ? "-" : "") v
	if (key in seen_value)
		fatal("duplicate value " $2 " of " type ", first at line " seen_value[key])
	seen_value[key] = NR
	member[n_members++] = upper_name($3)
	prefix = snake(type)
	sub(/_.*/, "_", prefix)
	if (index($3, prefix) != 1)
		fatal("value " $3 " of " type " does not begin with " prefix)
	if (type_signed[type])
		define($3, negative ? "(-" v ")" : v, text_from(4))
	else
		define($3, "UL(" v ")", text_from(4))
	next
}

$1 == "EndEnum" {
	expect_fields(1, 1)
	block_end("Enum")
	def("")
	if (names) {
		emit_names()
		type_names[type] = 1
	}
	next
}

$1 == "Bits" {
	block_begin("Bits")
	expect_fields(4, 4)
	type = $2
	new_type(type, "Bits")
	width = number($3)
	if (width < 1 || width > 64)
		fatal("width " $3 " of " type " is not within 1..64")
	type_width[type] = width
	type_signed[type] = 0
	section = section_name($4)
	next_bit = 0
	res0 = ""
	def("/* " type ", DEN0137 " section " */")
	next
}

$1 == "Field" {
	need_block("Bits")
	expect_fields(3, 0)
	parse_bits($2)
	define(snake(type) "_" upper_name($3), mask(msb, lsb), text_from(4))
	field_lsb[type, $3] = lsb
	n_members++
	next
}

$1 == "Res0" {
	need_block("Bits")
	expect_fields(2, 2)
	parse_bits($2)
	res0 = res0 (res0 == "" ? "" : " | ") mask(msb, lsb)
	next
}

$1 == "EndBits" {
	expect_fields(1, 1)
	if (block == "Bits" && next_bit < width)
		fatal("bits " width - 1 ":" next_bit " of " type " are not described")
	block_end("Bits")
	if (res0 != "")
		define(snake(type) "_RES0", res0 ~ /\|/ ? "(" res0 ")" : res0, "")
	def("")
	next
}

$1 == "Struct" {
	block_begin("Struct")
	expect_fields(4, 4)
	type = $2
	new_type(type, "Struct")
	claim("struct " lower(type))
	struct_size[type] = number($3)
	if (struct_size[type] == 0 || struct_size[type] > 65536)
		fatal("size " $3 " of " type " is not within 1..65536")
	section = section_name($4)
	next_off = 0
	align = 1
	split("", seen_member)
	next
}

$1 == "At" {
	need_block("Struct")
	expect_fields(4, 0)
	off = number($2)
	count = 1
	ctype = $3
	array = ""
	if (match(ctype, /\[.*\]$/)) {
		array = substr(ctype, RSTART)
		count = number(substr(array, 2, length(array) - 2))
		ctype = substr(ctype, 1, RSTART - 1)
		if (count == 0)
			fatal("array " $4 " is empty")
	}
	if (ctype == type)
		fatal("unknown type " ctype)
	member_type(ctype)
	lower_name($4)
	if ($4 in seen_member)
		fatal("duplicate member " $4 " of " type ", first at line " seen_member[$4])
	if ($4 ~ /^reserved[0-9]*$/)
		fatal("member name " $4 " is kept for padding")
	seen_member[$4] = NR
	if (off < next_off)
		fatal("member " $4 sprintf(" at 0x%x overlaps the one before, which ends at 0x%x", \
					   off, next_off))
	if (off % m_align)
		fatal("member " $4 " at " $2 " is not aligned to " m_align " bytes")
	next_off = off + m_size * count
	if (next_off > struct_size[type])
		fatal("member " $4 sprintf(" ends at 0x%x, outside of %s (0x%x bytes)", \
					   next_off, type, struct_size[type]))
	if (m_align > align)
		align = m_align
	member[n_members] = $4
	m_off[n_members] = off
	m_bytes[n_members] = m_size * count
	m_decl[n_members] = m_ctype " " $4 array
	m_text[n_members] = text_from(5)
	if (m_text[n_members] == "")
		m_text[n_members] = default_text(ctype)
	n_members++
	next
}

$1 == "EndStruct" {
	expect_fields(1, 1)
	block_end("Struct")
	if (struct_size[type] % align)
		fatal("size of " type " is not a multiple of its alignment " align)
	struct_align[type] = align
	emit_struct()
	next
}

$1 == "Status" {
	if (block)
		fatal("'Status' inside " block)
	if (!iface)
		fatal("'Interface' must come first")
	expect_fields(3, 3)
	if (status_bits)
		fatal("duplicate 'Status'")
	if (!($2 in type_kind) || type_kind[$2] != "Bits")
		fatal("unknown Bits type " $2)
	if (!($3 in type_names))
		fatal("'Status' needs an Enum with 'Names', which " $3 " is not")
	status_bits = $2
	status_enum = $3
	emit_status()
	next
}

$1 == "Incomplete" {
	block_begin("Incomplete")
	expect_fields(2, 2)
	if (incomplete)
		fatal("duplicate 'Incomplete'")
	if (!status_bits)
		fatal("'Incomplete' needs 'Status' before it")
	section = section_name($2)
	n_in = n_out = last_out = stateful = 0
	split("", seen_arg)
	next
}

$1 == "EndIncomplete" {
	expect_fields(1, 1)
	block_end("Incomplete")
	incomplete = last_out
	emit_incomplete()
	next
}

$1 == "Command" {
	block_begin("Command")
	expect_fields(4, 0)
	cmd = upper_name($2)
	if ($3 !~ /^0x[0-9A-Fa-f]+$/ || length($3) != 10)
		fatal("function ID '" $3 "' is not of the form 0xC4000150")
	fid = "0x" toupper(substr($3, 3))
	if (!fid_in_range(fid))
		fatal("function ID " fid " is outside of the range of " iface)
	if (fid in seen_fid)
		fatal("duplicate function ID " fid ", first at line " seen_fid[fid])
	seen_fid[fid] = NR
	section = section_name($4)
	cmd_text = text_from(5)
	define("SMC_" iface "_" cmd, "UL(" fid ")", "")
	n_in = n_out = last_out = stateful = 0
	split("", seen_arg)
	next
}

$1 == "Stateful" {
	need_block("Command")
	expect_fields(1, 1)
	if (stateful)
		fatal("duplicate 'Stateful'")
	if (!incomplete)
		fatal("'Stateful' needs 'Incomplete' before it")
	stateful = 1
	next
}

$1 == "In" {
	need_block("Command")
	expect_fields(4, 0)
	r = reg_number($2)
	if (n_out)
		fatal("'In' after 'Out'")
	if (r != n_in + 1)
		fatal("input " $2 " where X" n_in + 1 " is expected")
	lower_name($3)
	if ($3 in seen_arg)
		fatal("duplicate argument " $3 ", first at line " seen_arg[$3])
	seen_arg[$3] = NR
	in_name[n_in] = $3
	in_ctype[n_in] = arg_type($4)
	in_text[n_in] = text_from(5)
	if (in_text[n_in] == "")
		in_text[n_in] = default_text($4)
	n_in++
	n_members++
	next
}

$1 == "Out" {
	if (block != "Incomplete")
		need_block("Command")
	expect_fields(4, 0)
	r = reg_number($2)
	if (r <= last_out)
		fatal("output " $2 " does not follow X" last_out)
	last_out = r
	lower_name($3)
	if (("out " $3) in seen_arg)
		fatal("duplicate output " $3 ", first at line " seen_arg["out " $3])
	seen_arg["out " $3] = NR
	out_name[n_out] = $3
	out_reg[n_out] = r
	out_ctype[n_out] = arg_type($4)
	out_text[n_out] = text_from(5)
	if (out_text[n_out] == "")
		out_text[n_out] = default_text($4)
	n_out++
	n_members++
	next
}

$1 == "EndCommand" {
	expect_fields(1, 1)
	block_end("Command")
	nr_out = stateful && incomplete > last_out ? incomplete : last_out
	cmd_list[n_cmd++] = cmd ", " tolower(cmd) ", " n_in ", " nr_out
	if (status_bits)
		emit_command()
	else if (mode == "calls")
		fatal("a command before 'Status'")
	next
}

{
	fatal("unknown statement '" $1 "'")
}

END {
	if (failed)
		exit 1
	if (block)
		fatal_at(file ":" block_line, block " is not terminated")
	if (!iface)
		fatal_at(file ":" NR, "no 'Interface'")
	if (mode == "defs")
		print_defs()
	else
		print_calls()
}

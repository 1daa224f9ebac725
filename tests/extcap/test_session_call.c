// SPDX-License-Identifier: GPL-2.0-or-later
#include "session_call.h"

#include <string.h>

static const struct sock_filter code[] = { { BPF_LD | BPF_W | BPF_LEN, 0, 0, 0 },
					   { BPF_RET | BPF_A, 0, 0, 0 } };

static SessionRequest make_request(void)
{
	return (SessionRequest){
		.type = &source_hook,
		.address = "/sys/fs/bpf/\xff w",
		.id = 7,
		.filter = code,
		.filter_length = G_N_ELEMENTS(code),
		.snaplen = 96,
		.sample = 10,
		.rate = 1000,
		.verdicts = 6,
		.share_foreign = TRUE,
		.unproven = TRUE,
		.ring_size = 65536,
	};
}

static void test_comes_back(void)
{
	const SessionRequest request = make_request();
	g_autoptr(GVariant) options = g_variant_ref_sink(session_request_pack(&request));
	g_auto(SessionRequest) back = { 0 };
	g_autoptr(GError) error = NULL;

	g_assert_true(session_request_unpack(options, &back, &error));
	g_assert_no_error(error);
	g_assert_true(back.type == request.type);
	g_assert_cmpstr(back.address, ==, request.address);
	g_assert_cmpuint(back.id, ==, request.id);
	g_assert_cmpmem(back.filter, back.filter_length * sizeof(*code), code, sizeof(code));
	g_assert_cmpuint(back.snaplen, ==, request.snaplen);
	g_assert_cmpuint(back.sample, ==, request.sample);
	g_assert_cmpuint(back.rate, ==, request.rate);
	g_assert_cmpuint(back.verdicts, ==, request.verdicts);
	g_assert_true(back.share_foreign && back.unproven);
	g_assert_cmpuint(back.ring_size, ==, request.ring_size);
}

static void test_change(void)
{
	const SessionRequest change = {
		.filter = code,
		.filter_length = G_N_ELEMENTS(code),
		.sample = 100,
		.verdicts = 2,
		.version = 300,
		.paused = TRUE,
	};
	const SessionRequest nothing = { 0 };
	g_autoptr(GVariant) options = g_variant_ref_sink(session_change_pack(&change));
	g_autoptr(GVariant) none = g_variant_ref_sink(session_change_pack(&nothing));
	g_auto(SessionRequest) back = { 0 }, empty = { 0 }, refused = { 0 };
	g_autoptr(GError) error = NULL;

	g_assert_true(session_change_unpack(options, &back, &error));
	g_assert_no_error(error);
	g_assert_cmpmem(back.filter, back.filter_length * sizeof(*code), code, sizeof(code));
	g_assert_cmpuint(back.sample, ==, 100);
	g_assert_cmpuint(back.verdicts, ==, 2);
	g_assert_cmpuint(back.version, ==, 300);
	g_assert_true(back.paused);
	g_assert_cmpuint(g_variant_n_children(none), ==, 0);
	g_assert_true(session_change_unpack(none, &empty, &error));
	g_assert_cmpuint(empty.filter_length, ==, 0);
	/* A capture does not begin with a pause, nor does a change need what a capture does. */
	g_assert_false(session_request_unpack(options, &refused, &error));
	g_assert_error(error, SESSION_ERROR, SESSION_ERROR_REQUEST);
}

static void test_change_of_the_rest(void)
{
	const SessionRequest request = make_request();
	g_autoptr(GVariant) options = g_variant_ref_sink(session_request_pack(&request));
	g_auto(SessionRequest) refused = { 0 };
	g_autoptr(GError) error = NULL;

	g_assert_false(session_change_unpack(options, &refused, &error));
	g_assert_cmpstr(error->message, ==, "option 'source' of a capture cannot change");
}

/* The options of a request, and one more, or one in the place of that of the name. */
static GVariant *change(const char *name, GVariant *value, gboolean twice)
{
	const SessionRequest request = make_request();
	g_autoptr(GVariant) options = g_variant_ref_sink(session_request_pack(&request));
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE_VARDICT);
	for (gsize i = 0; i < g_variant_n_children(options); i++) {
		g_autoptr(GVariant) before = NULL;
		const char *key;

		g_variant_get_child(options, i, "{&sv}", &key, &before);
		if (twice || strcmp(key, name) != 0)
			g_variant_builder_add(&builder, "{sv}", key, before);
	}
	if (value)
		g_variant_builder_add(&builder, "{sv}", name, value);
	return g_variant_ref_sink(g_variant_builder_end(&builder));
}

static void check_refused(const char *name, GVariant *value, gboolean twice, const char *message)
{
	g_autoptr(GVariant) options = change(name, value, twice);
	SessionRequest request = { 0 };
	g_autoptr(GError) error = NULL;

	g_assert_false(session_request_unpack(options, &request, &error));
	g_assert_error(error, SESSION_ERROR, SESSION_ERROR_REQUEST);
	g_assert_cmpstr(error->message, ==, message);
	g_assert_null(request.address);
}

static void test_refused(void)
{
	check_refused("colour", g_variant_new_uint32(1), FALSE,
		      "there is no option 'colour' of a capture");
	check_refused("snaplen", g_variant_new_string("all"), FALSE,
		      "option 'snaplen' of a capture is of type s, not u");
	check_refused("share-foreign", g_variant_new_uint32(1), FALSE,
		      "option 'share-foreign' of a capture is of type u, not b");
	check_refused("rate", g_variant_new_uint32(1), TRUE,
		      "option 'rate' of a capture is given twice");
	check_refused("filter", NULL, FALSE, "option 'filter' of a capture is missing");
	check_refused("source", NULL, FALSE, "option 'source' of a capture is missing");
	check_refused("source", g_variant_new_string("nothing"), FALSE,
		      "there is no source 'nothing'");
	check_refused("group", g_variant_new_bytestring("eth0"), FALSE,
		      "option 'group' of a capture is not for an XDP hook");
}

/* What need not be said is not. */
static void test_short(void)
{
	const SessionRequest request = {
		.type = &source_hook,
		.address = "/f",
		.filter = code,
		.filter_length = 1,
		.ring_size = 4096,
	};
	g_autoptr(GVariant) options = g_variant_ref_sink(session_request_pack(&request));
	g_auto(SessionRequest) back = { 0 };

	g_assert_cmpuint(g_variant_n_children(options), ==, 4);
	g_assert_true(session_request_unpack(options, &back, NULL));
	g_assert_cmpuint(back.rate, ==, 0);
	g_assert_false(back.unproven);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/session-call/comes-back", test_comes_back);
	g_test_add_func("/session-call/change", test_change);
	g_test_add_func("/session-call/change-of-the-rest", test_change_of_the_rest);
	g_test_add_func("/session-call/refused-by-name", test_refused);
	g_test_add_func("/session-call/short", test_short);
	return g_test_run();
}

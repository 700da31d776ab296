/** One test of Django's own suite (snapshot 2025-10-02) and what became of it. */
export interface ChecklistEntry {
  readonly number: number;
  /** The Django test. */
  readonly name: string;
  /** How the title of our test begins, one of the three. */
  readonly test?: string;
  /** Why it has no meaning here. */
  readonly none?: string;
  /** The package that covers it. */
  readonly elsewhere?: string;
}

type Row = (section: string) => ChecklistEntry;

const title = (section: string, number: number, name: string): string =>
  `django ${section}/${number} ${name}`;

const covered =
  (number: number, name: string): Row =>
  section => ({ number, name, test: title(section, number, name) });

const none =
  (number: number, name: string, reason: string): Row =>
  () => ({ number, name, none: reason });

const elsewhere =
  (number: number, name: string, packageName: string): Row =>
  () => ({ number, name, elsewhere: packageName });

const section = (id: string, ...rows: readonly Row[]): ChecklistEntry[] => rows.map(row => row(id));

const IMAGE = '@fieldfile/image';
const HTTP = '@fieldfile/http (uploads are to come)';

const NO_DECONSTRUCTION = 'Deconstruction is for Django migrations; schemas belong to the ORM.';
const NO_SETTINGS = 'There are no global settings: a storage gets its options when it is made.';
const NO_ACCESS_TIME = 'Object stores keep one time, when the object became visible.';
const NO_NAIVE_TIME = 'A Date is an instant; there are no naive times.';
const NO_DIRECTORIES = 'A storage has objects; folders are prefixes and have no life of their own.';
const NO_PATHLIB = 'Names and folders are strings; JavaScript has no path objects.';
const NO_POSITION = 'Contents have no position and no mode: each reading begins anew, and writing is whole.';
const NO_IO_WRAPPER = 'Web streams take the place of Python file objects.';
const NO_LOCKS = 'Creation is exclusive by itself (django 4.4/98); there are no advisory locks.';
const NO_FORMS = 'Forms belong to the web framework.';
const NO_DEFAULT = 'A default name is the column default, written by the ORM; adopt(name) adopts an object.';
const NO_NAMELESS_FILE =
  'Content without a name is a plain stream or Blob; saving it asks for one (django 4.5/117).';
const NO_MUTABLE_CONTENT =
  'Contents are immutable: strings, bytes and Blobs can be read any number of times.';

/** Every entry of Django's file tests, numbers 1–234. `django-checklist.test.ts` keeps it honest. */
export const checklist: readonly ChecklistEntry[] = [
  // tests/file_storage/test_base.py
  ...section(
    '4.1',
    covered(1, 'test_validate_before_get_available_name'),
    covered(2, 'test_validate_after_get_available_name'),
    covered(3, 'test_validate_after_internal_save'),
  ),
  // tests/file_storage/test_generate_filename.py
  ...section(
    '4.2',
    covered(4, 'test_valid_names'),
    covered(5, 'test_valid_names'),
    covered(6, 'test_storage_dangerous_paths'),
    covered(7, 'test_storage_dangerous_paths_dir_name'),
    covered(8, 'test_filefield_dangerous_filename'),
    covered(9, 'test_filefield_dangerous_filename_dot_segments'),
    covered(10, 'test_filefield_generate_filename_absolute_path'),
    covered(11, 'test_filefield_generate_filename'),
    covered(12, 'test_filefield_generate_filename_with_upload_to'),
    covered(13, 'test_filefield_generate_filename_upload_to_overrides_dangerous_filename'),
    covered(14, 'test_filefield_generate_filename_upload_to_absolute_path'),
    covered(15, 'test_filefield_generate_filename_upload_to_dangerous_filename'),
    covered(16, 'test_filefield_awss3_storage'),
  ),
  // tests/file_storage/test_inmemory_storage.py
  ...section(
    '4.3',
    covered(17, 'test_write_string'),
    covered(18, 'test_convert_str_to_bytes_and_back'),
    covered(19, 'test_open_missing_file'),
    covered(20, 'test_open_dir_as_file'),
    covered(21, 'test_file_saving'),
    none(
      22,
      'test_removing_temporary_file_after_save',
      'Only fs can take a file away, and does when asked (django 4.5/121).',
    ),
    covered(23, 'test_large_file_saving'),
    covered(24, 'test_file_size'),
    covered(25, 'test_listdir'),
    none(26, 'test_list_relative_path', 'Names with dot segments are refused, not resolved.'),
    covered(27, 'test_exists'),
    covered(28, 'test_delete'),
    covered(29, 'test_delete_missing_file'),
    none(30, 'test_file_node_cannot_have_children', '"a" and "a/b" are two keys, as on S3.'),
    none(31, 'test_url', 'A memory storage publishes no URLs: asking for one does not compile.'),
    none(32, 'test_url_with_none_filename', 'A memory storage publishes no URLs.'),
    covered(33, 'test_file_modified_time'),
    none(34, 'test_file_accessed_time', NO_ACCESS_TIME),
    none(35, 'test_file_created_time', NO_ACCESS_TIME),
    none(36, 'test_directory_times_changing_after_file_creation', NO_DIRECTORIES),
    none(37, 'test_directory_times_changing_after_file_deletion', NO_DIRECTORIES),
    none(38, 'test_deconstruction', NO_DECONSTRUCTION),
    none(39, 'test_setting_changed', NO_SETTINGS),
  ),
  // tests/file_storage/tests.py
  ...section(
    '4.4',
    none(40, 'test_deconstruction', NO_DECONSTRUCTION),
    none(41, 'test_lazy_base_url_init', NO_SETTINGS),
    none(42, 'test_empty_location', 'A root is required: an empty one is a mistake, not the current folder.'),
    covered(43, 'test_file_access_options'),
    none(44, 'test_file_get_accessed_time', NO_ACCESS_TIME),
    none(45, 'test_file_get_accessed_time_timezone', NO_NAIVE_TIME),
    none(46, 'test_file_get_created_time', NO_ACCESS_TIME),
    none(47, 'test_file_get_created_time_timezone', NO_NAIVE_TIME),
    covered(48, 'test_file_get_modified_time'),
    none(49, 'test_file_get_modified_time_timezone', NO_NAIVE_TIME),
    covered(50, 'test_file_save_without_name'),
    covered(51, 'test_file_save_with_path'),
    covered(52, 'test_file_save_broken_symlink'),
    none(
      53,
      'test_save_doesnt_close',
      'A stream is consumed by reading it; everything else has nothing to close.',
    ),
    covered(54, 'test_file_path'),
    covered(55, 'test_file_url'),
    covered(56, 'test_base_url'),
    covered(57, 'test_listdir'),
    covered(58, 'test_file_storage_prevents_directory_traversal'),
    covered(59, 'test_file_storage_preserves_filename_case'),
    covered(60, 'test_makedirs_race_handling'),
    covered(61, 'test_remove_race_handling'),
    covered(62, 'test_file_chunks_error'),
    covered(63, 'test_delete_no_name'),
    none(64, 'test_delete_deletes_directories', NO_DIRECTORIES),
    none(65, 'test_setting_changed', NO_SETTINGS),
    none(66, 'test_file_methods_pathlib_path', NO_PATHLIB),
    covered(67, 'test_custom_get_available_name'),
    covered(68, 'test_save_overwrite_behavior'),
    covered(69, 'test_save_overwrite_behavior_truncate'),
    covered(70, 'test_save_overwrite_behavior_temp_file'),
    covered(71, 'test_file_name_truncation'),
    covered(72, 'test_file_name_truncation_extension_too_long'),
    none(
      73,
      'test_custom_storage_discarding_empty_content',
      'No storage is asked for the truth value of a content.',
    ),
    covered(74, 'test_files'),
    covered(75, 'test_filefield_read'),
    none(76, 'test_filefield_write', NO_POSITION),
    covered(77, 'test_filefield_reopen'),
    covered(78, 'test_duplicate_filename'),
    covered(79, 'test_file_truncation'),
    covered(80, 'test_extended_length_storage'),
    none(81, 'test_filefield_default', NO_DEFAULT),
    none(82, 'test_filefield_db_default', NO_DEFAULT),
    covered(83, 'test_empty_upload_to'),
    none(84, 'test_pathlib_upload_to', NO_PATHLIB),
    covered(85, 'test_random_upload_to'),
    covered(86, 'test_custom_valid_name_callable_upload_to'),
    covered(87, 'test_filefield_pickling'),
    covered(88, 'test_file_object'),
    none(89, 'test_stringio', 'A string is content itself (django 4.4/105).'),
    covered(90, 'test_create_file_field_from_another_file_field_in_memory_storage'),
    covered(91, 'test_callable_base_class_error_raises'),
    covered(92, 'test_file_field_storage_none_uses_default_storage'),
    covered(93, 'test_callable_function_storage_file_field'),
    none(
      94,
      'test_callable_class_storage_file_field',
      'A class is not callable without new; a function can call it.',
    ),
    covered(95, 'test_callable_storage_file_field_in_model'),
    none(96, 'test_deconstruction', NO_DECONSTRUCTION),
    none(97, 'test_deconstruction_storage_callable_default', NO_DECONSTRUCTION),
    covered(98, 'test_race_condition'),
    covered(99, 'test_file_upload_permissions'),
    covered(100, 'test_file_upload_default_permissions'),
    covered(101, 'test_file_upload_directory_permissions'),
    covered(102, 'test_file_upload_directory_default_permissions'),
    covered(103, 'test_directory_with_dot'),
    covered(104, 'test_first_character_dot'),
    covered(105, 'test_content_saving'),
    covered(106, 'test_urllib_request_urlopen'),
    covered(107, 'test_same_instance'),
    none(
      108,
      'test_defaults',
      'No storage exists until one is configured; a missing default says how (django 4.4/109).',
    ),
    covered(109, 'test_nonexistent_alias'),
    none(110, 'test_nonexistent_backend', 'Storages are made by code, not named by a dotted path.'),
  ),
  // tests/model_fields/test_filefield.py
  ...section(
    '4.5',
    covered(111, 'test_clearable'),
    none(112, 'test_unchanged', NO_FORMS),
    covered(113, 'test_changed'),
    covered(114, 'test_delete_when_file_unset'),
    covered(115, 'test_refresh_from_db'),
    covered(116, 'test_save_without_name'),
    covered(117, 'test_save_content_file_without_name'),
    covered(118, 'test_delete_content_file'),
    covered(119, 'test_defer'),
    elsewhere(
      120,
      'test_unique_when_same_filename',
      'the ORM contract of @fieldfile/conformance (failed statement)',
    ),
    covered(121, 'test_move_temporary_file'),
    none(
      122,
      'test_open_returns_self',
      'open gives a disposable of its own; `await using` is the context manager.',
    ),
    none(123, 'test_media_root_pathlib', NO_PATHLIB),
    covered(124, 'test_pickle'),
    none(
      125,
      'test_abstract_filefield_model',
      'A field is told its model where it is defined; none is abstract.',
    ),
  ),
  // tests/model_fields/test_imagefield.py
  ...section(
    '4.6',
    covered(126, 'test_equal_notequal_hash'),
    covered(127, 'test_instantiate_missing'),
    covered(128, 'test_delete_when_missing'),
    covered(129, 'test_size_method'),
    covered(130, 'test_pickle'),
    covered(131, 'test_defer'),
    covered(132, 'test_constructor'),
    covered(133, 'test_image_after_constructor'),
    covered(134, 'test_create'),
    covered(135, 'test_default_value'),
    covered(136, 'test_assignment_to_None'),
    covered(137, 'test_field_save_and_delete_methods'),
    covered(138, 'test_dimensions'),
    covered(139, 'test_post_init_not_connected'),
    covered(140, 'test_save_does_not_close_file'),
    covered(141, 'ImageFieldOneDimensionTests'),
    covered(142, 'ImageFieldDimensionsFirstTests'),
    covered(143, 'ImageFieldUsingFileTests'),
    covered(144, 'test_constructor'),
    covered(145, 'test_create'),
    covered(146, 'test_assignment'),
    covered(147, 'test_field_save_and_delete_methods'),
    covered(148, 'test_dimensions'),
    covered(149, 'test_width_height_correct_name_mangling_correct'),
  ),
  // tests/files/tests.py
  ...section(
    '4.7',
    none(150, 'test_unicode_uploadedfile_name', 'Every JavaScript string is Unicode.'),
    none(151, 'test_unicode_file_name', 'Every JavaScript string is Unicode.'),
    covered(152, 'test_context_manager'),
    none(153, 'test_open_resets_opened_file_to_start_and_returns_context_manager', NO_POSITION),
    none(154, 'test_open_reopens_closed_file_and_returns_context_manager', NO_POSITION),
    none(155, 'test_namedtemporaryfile_closes', NO_IO_WRAPPER),
    none(156, 'test_file_mode', NO_POSITION),
    covered(157, 'test_file_iteration'),
    covered(158, 'test_file_iteration_windows_newlines'),
    covered(159, 'test_file_iteration_mac_newlines'),
    covered(160, 'test_file_iteration_mixed_newlines'),
    covered(161, 'test_file_iteration_with_unix_newline_at_chunk_boundary'),
    covered(162, 'test_file_iteration_with_windows_newline_at_chunk_boundary'),
    covered(163, 'test_file_iteration_with_mac_newline_at_chunk_boundary'),
    covered(164, 'test_file_iteration_with_text'),
    none(165, 'test_readable', NO_IO_WRAPPER),
    none(166, 'test_writable', NO_IO_WRAPPER),
    none(167, 'test_seekable', NO_IO_WRAPPER),
    none(168, 'test_io_wrapper', NO_IO_WRAPPER),
    none(169, 'test_exclusive_lock', NO_LOCKS),
    none(170, 'test_shared_lock', NO_LOCKS),
    none(171, 'test_open_supports_full_signature', NO_IO_WRAPPER),
    none(172, 'test_noname_file_default_name', NO_NAMELESS_FILE),
    none(173, 'test_noname_file_get_size', NO_IO_WRAPPER),
    none(174, 'test_content_file_default_name', NO_NAMELESS_FILE),
    covered(175, 'test_content_file_custom_name'),
    none(
      176,
      'test_content_file_input_type',
      'What is stored is bytes, whatever the content was (django 4.4/105).',
    ),
    none(177, 'test_open_resets_file_to_start_and_returns_context_manager', NO_MUTABLE_CONTENT),
    none(178, 'test_size_changing_after_writing', NO_MUTABLE_CONTENT),
    none(179, 'test_open_resets_file_to_start_and_returns_context_manager', NO_MUTABLE_CONTENT),
    elsewhere(180, 'test_extension_kept', HTTP),
    elsewhere(181, 'test_file_upload_temp_dir_pathlib', HTTP),
    elsewhere(182, 'test_not_closing_of_files', IMAGE),
    elsewhere(183, 'test_closing_of_filenames', IMAGE),
    elsewhere(184, 'test_multiple_calls', IMAGE),
    elsewhere(185, 'test_bug_19457', IMAGE),
    elsewhere(186, 'test_invalid_image', IMAGE),
    elsewhere(187, 'test_valid_image', IMAGE),
    elsewhere(188, 'test_missing_file', IMAGE),
    elsewhere(189, 'test_webp', IMAGE),
    covered(190, 'test_file_move_overwrite'),
    none(
      191,
      'test_file_move_permissionerror',
      'Modes are set on what was created, never copied from the source.',
    ),
    covered(192, 'test_file_move_ensure_truncation'),
    none(193, 'test_in_memory_spooled_temp', NO_IO_WRAPPER),
    none(194, 'test_written_spooled_temp', NO_IO_WRAPPER),
  ),
  // tests/file_uploads/tests.py
  ...section(
    '4.8',
    covered(195, 'test_upload_name_is_validated'),
    elsewhere(196, 'test_simple_upload', HTTP),
    elsewhere(197, 'test_large_upload', HTTP),
    elsewhere(198, 'test_base64_upload', HTTP),
    elsewhere(199, 'test_big_base64_upload', HTTP),
    elsewhere(200, 'test_big_base64_newlines_upload', HTTP),
    elsewhere(201, 'test_base64_invalid_upload', HTTP),
    covered(202, 'test_unicode_file_name'),
    elsewhere(203, 'test_unicode_file_name_rfc2231', HTTP),
    elsewhere(204, 'test_unicode_name_rfc2231', HTTP),
    elsewhere(205, 'test_unicode_file_name_rfc2231_with_double_quotes', HTTP),
    elsewhere(206, 'test_unicode_name_rfc2231_with_double_quotes', HTTP),
    covered(207, 'test_blank_filenames'),
    covered(208, 'test_non_printable_chars_in_file_names'),
    covered(209, 'test_dangerous_file_names'),
    covered(210, 'test_filename_overflow'),
    elsewhere(211, 'test_file_content', HTTP),
    elsewhere(212, 'test_content_type_extra', HTTP),
    elsewhere(213, 'test_truncated_multipart_handled_gracefully', HTTP),
    elsewhere(214, 'test_empty_multipart_handled_gracefully', HTTP),
    elsewhere(215, 'test_custom_upload_handler', HTTP),
    elsewhere(216, 'test_broken_custom_upload_handler', HTTP),
    elsewhere(217, 'test_stop_upload_temporary_file_handler', HTTP),
    elsewhere(218, 'test_upload_interrupted_temporary_file_handler', HTTP),
    elsewhere(219, 'test_upload_large_header_fields', HTTP),
    elsewhere(220, 'test_upload_header_fields_too_large', HTTP),
    elsewhere(221, 'test_fileupload_getlist', HTTP),
    elsewhere(222, 'test_fileuploads_closed_at_request_end', HTTP),
    elsewhere(223, 'test_no_parsing_triggered_by_fd_closing', HTTP),
    elsewhere(224, 'test_file_error_blocking', HTTP),
    covered(225, 'test_filename_case_preservation'),
    covered(226, 'test_filename_traversal_upload'),
    covered(227, 'test_readonly_root'),
    covered(228, 'test_not_a_directory'),
    elsewhere(229, 'test_empty_upload_handlers', HTTP),
    elsewhere(230, 'test_invalid_content_type', HTTP),
    elsewhere(231, 'test_negative_content_length', HTTP),
    elsewhere(232, 'test_bad_type_content_length', HTTP),
    covered(233, 'test_sanitize_file_name'),
    covered(234, 'test_sanitize_invalid_file_name'),
  ),
];

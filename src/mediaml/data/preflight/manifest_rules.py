"""The rules for whole manifests, and for a training manifest beside its test manifest.

Sources: AWS's pages "Terminal errors" (of datasets), "Terminal manifest file errors", "Terminal manifest content
errors", "Validation rules for manifest files" and "Guidelines and quotas". Names in lower case are this library's:
the service has a rule there, but no code.
"""

from __future__ import annotations

from mediaml.data.preflight.rule import Rule

FILES: dict[str, Rule] = {
    "ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT": Rule(
        "error",
        "training",
        "The manifest cannot be opened, has no file extension, or is no text",
        "call it something.manifest, save it as UTF-8 text with one JSON object a line, and check bucket and key",
    ),
    "ERROR_EMPTY_MANIFEST": Rule(
        "error", "training", "The manifest is empty", "write a JSON line for each picture into it"
    ),
    "ERROR_MANIFEST_SIZE_TOO_LARGE": Rule(
        "error",
        "training",
        "The manifest is larger than 1 GB",
        "leave lines out, or take what is not needed out of each",
    ),
    "ERROR_MANIFEST_ROWS_EXCEEDS_MAXIMUM": Rule(
        "error", "training", "The manifest has too many lines", "leave pictures out, the most frequent labels first"
    ),
    "ERROR_INVALID_PERMISSIONS_MANIFEST_S3_BUCKET": Rule(
        "error",
        "training",
        "The bucket of the manifest may not be read",
        "give the caller s3:GetObject, s3:ListBucket, s3:GetBucketLocation and s3:GetBucketAcl on it",
        local=False,
    ),
    "ERROR_CANNOT_WRITE_OUTPUT_S3_BUCKET": Rule(
        "error",
        "training",
        "The bucket for the results cannot be written to",
        "check the name in OutputConfig, and give the caller s3:PutObject on it",
        local=False,
    ),
}

LABELS: dict[str, Rule] = {
    "ERROR_TOO_MANY_RECORDS_IN_ERROR": Rule(
        "error",
        "training",
        "More than a fifth of all lines would be left out of the dataset: it is not made",
        "correct the lines that are named here, or take them out; blank lines count",
    ),
    "ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST": Rule(
        "error",
        "training",
        "More than a fifth of all lines cannot be used",
        "correct the lines that are named here, or take them out; blank lines count",
    ),
    "ERROR_MANIFEST_TOO_MANY_LABELS": Rule(
        "error",
        "training",
        "There are more than 250 labels",
        "join rare labels, or take some out of lines and class-maps",
    ),
    "ERROR_MANIFEST_TOO_FEW_LABELS": Rule(
        "error",
        "training",
        "There are too few labels",
        "add pictures of another label: image-level labels need two, boxes one, in each manifest",
    ),
    "ERROR_MANIFEST_TOO_FEW_USABLE_LABELS": Rule(
        "error",
        "training",
        "There are too few labels of the kind that the model would be trained for",
        "use image-level labels or boxes throughout: image-level labels need two, boxes one",
    ),
    "ERROR_INSUFFICIENT_LABEL_OVERLAP": Rule(
        "error",
        "training",
        "Less than half of the labels for training stand in the test manifest",
        "add pictures of the missing labels to the test manifest, or take the labels out of the training manifest",
    ),
    "ERROR_INSUFFICIENT_USABLE_LABEL_OVERLAP": Rule(
        "error",
        "training",
        "Less than half of the labels for training stand in the test manifest in the form that is used",
        "use image-level labels or boxes throughout, in both manifests",
    ),
    "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT": Rule(
        "error",
        "training",
        "A label has too few pictures for the service to hold a fifth of them back as a test set",
        "add pictures of it, at least two and better ten, or bring a test manifest of your own",
    ),
    "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_DISTRIBUTE": Rule(
        "error",
        "training",
        "A label has too few pictures for the service to move a fifth of them to the test dataset",
        "add pictures of it, at least two and better ten, or bring a test manifest of your own",
    ),
    "too_many_test_pictures_per_label": Rule(
        "error",
        "training",
        "A label has more than 1,000 pictures in the test manifest",
        "move some to the training manifest, or leave them out",
    ),
    "label_without_pictures": Rule(
        "warning",
        "nothing",
        "A label is named, but no picture that can be used has it: the service wants one of each",
        "correct the lines that have it, or take it out of the class-maps",
    ),
    "few_pictures": Rule(
        "warning", "nothing", "A label has few pictures", "add pictures: ten are advised, and more are better"
    ),
    "mixed_use_cases": Rule(
        "warning",
        "nothing",
        "Image-level labels and boxes are mixed: the service trains one kind and leaves the other out",
        "use image-level labels or boxes throughout",
    ),
}

PLACES: dict[str, Rule] = {
    "ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS": Rule(
        "error",
        "training",
        "The pictures of a manifest lie in several buckets",
        "copy all pictures into one bucket and correct the source-refs",
    ),
    "ERROR_INVALID_PERMISSIONS_IMAGES_S3_BUCKET": Rule(
        "error",
        "training",
        "The bucket of the pictures may not be read",
        "give the caller s3:GetObject, s3:GetObjectAcl, s3:GetObjectVersion, s3:GetObjectTagging, s3:ListBucket, "
        "s3:GetBucketLocation and s3:GetBucketAcl on it",
        local=False,
    ),
    "ERROR_INVALID_IMAGES_S3_BUCKET_OWNER": Rule(
        "error",
        "training",
        "The buckets of the pictures and of the manifest have different owners",
        "copy the pictures into a bucket of the account that holds the manifest",
        local=False,
    ),
    "ERROR_FAILED_IMAGES_S3_COPY": Rule(
        "error",
        "training",
        "The service could copy none of the pictures",
        "check that the pictures are there and may be read, and where they are encrypted, kms:Decrypt and "
        "kms:GenerateDataKey on the key",
        local=False,
    ),
    "train_test_overlap": Rule(
        "error",
        "nothing",
        "The same picture stands in both manifests: results on it are learnt by heart",
        "keep it in one of them: AWS forbids it but names no error, and the figures of the test would be too good",
    ),
}

TEXT: dict[str, Rule] = {
    "byte_order_mark": Rule(
        "warning",
        "nothing",
        "The manifest begins with a byte order mark: AWS does not say whether it is read",
        "save it as UTF-8 without a byte order mark",
    ),
    "windows_line_ends": Rule(
        "warning",
        "nothing",
        "Lines end as Windows writes them: AWS does not say whether they are read",
        "save it with plain line feeds",
    ),
}

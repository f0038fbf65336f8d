CREATE TABLE account_slots (
	slot BLOB NOT NULL, 
	sealed BLOB NOT NULL, 
	expiry_month INTEGER NOT NULL, 
	PRIMARY KEY (slot)
)
 WITHOUT ROWID;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE consent_events (
	consent_id BLOB NOT NULL, 
	sequence INTEGER NOT NULL, 
	expiry_month INTEGER NOT NULL, 
	sealed BLOB NOT NULL, 
	CONSTRAINT pk_consent_events PRIMARY KEY (consent_id, sequence)
);
CREATE TABLE consent_heads (
	consent_id BLOB NOT NULL, 
	state VARCHAR(9) NOT NULL, 
	sequence INTEGER NOT NULL, 
	floor INTEGER NOT NULL, 
	expiry_month INTEGER NOT NULL, 
	sealed BLOB NOT NULL, 
	CONSTRAINT pk_consent_heads PRIMARY KEY (consent_id)
);
CREATE TABLE envelopes (
	"key" BLOB NOT NULL, 
	version INTEGER NOT NULL, 
	sealed BLOB NOT NULL, 
	purge_after INTEGER NOT NULL, 
	leased_until BIGINT, 
	PRIMARY KEY ("key")
)
 WITHOUT ROWID;
CREATE TABLE grants (
	code_key BLOB NOT NULL, 
	spent BOOLEAN NOT NULL, 
	revoked BOOLEAN NOT NULL, 
	purge_after INTEGER NOT NULL, 
	PRIMARY KEY (code_key)
)
 WITHOUT ROWID;
CREATE TABLE journal (
	position INTEGER NOT NULL, 
	entry_id BLOB NOT NULL, 
	body BLOB NOT NULL, 
	CONSTRAINT pk_journal PRIMARY KEY (position), 
	CONSTRAINT uq_journal_entry_id UNIQUE (entry_id)
);
CREATE TABLE provider_links (
	link BLOB NOT NULL, 
	"row" BLOB NOT NULL, 
	index_kid VARCHAR(16) NOT NULL, 
	seal_kid VARCHAR(16) NOT NULL, 
	sealed BLOB NOT NULL, 
	expiry_month INTEGER NOT NULL, 
	PRIMARY KEY (link), 
	UNIQUE ("row")
)
 WITHOUT ROWID;
CREATE TABLE registry_revisions (
	revision INTEGER NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (revision)
);
CREATE TABLE single_use_marks (
	mark BLOB NOT NULL, 
	purge_after INTEGER NOT NULL, 
	PRIMARY KEY (mark)
)
 WITHOUT ROWID;
CREATE INDEX ix_account_slots_expiry_month ON account_slots (expiry_month);
CREATE INDEX ix_envelopes_purge_after ON envelopes (purge_after);
CREATE INDEX ix_grants_purge_after ON grants (purge_after);
CREATE INDEX ix_provider_links_expiry_month ON provider_links (expiry_month);
CREATE INDEX ix_single_use_marks_purge_after ON single_use_marks (purge_after);

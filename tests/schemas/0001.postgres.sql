CREATE TABLE public.account_slots (
    slot bytea NOT NULL,
    sealed bytea NOT NULL,
    expiry_month integer NOT NULL
);
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.consent_events (
    consent_id bytea NOT NULL,
    sequence integer NOT NULL,
    expiry_month integer NOT NULL,
    sealed bytea NOT NULL
);
CREATE TABLE public.consent_heads (
    consent_id bytea NOT NULL,
    state character varying(9) NOT NULL,
    sequence integer NOT NULL,
    floor integer NOT NULL,
    expiry_month integer NOT NULL,
    sealed bytea NOT NULL
);
CREATE TABLE public.envelopes (
    key bytea NOT NULL,
    version integer NOT NULL,
    sealed bytea NOT NULL,
    purge_after integer NOT NULL,
    leased_until bigint
);
CREATE TABLE public.grants (
    code_key bytea NOT NULL,
    spent boolean NOT NULL,
    revoked boolean NOT NULL,
    purge_after integer NOT NULL
);
CREATE TABLE public.journal (
    "position" bigint NOT NULL,
    entry_id bytea NOT NULL,
    body bytea NOT NULL
);
CREATE SEQUENCE public.journal_position_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.journal_position_seq OWNED BY public.journal."position";
CREATE TABLE public.provider_links (
    link bytea NOT NULL,
    "row" bytea NOT NULL,
    index_kid character varying(16) NOT NULL,
    seal_kid character varying(16) NOT NULL,
    sealed bytea NOT NULL,
    expiry_month integer NOT NULL
);
CREATE TABLE public.registry_revisions (
    revision integer NOT NULL,
    digest character varying(64) NOT NULL,
    body text NOT NULL
);
CREATE TABLE public.single_use_marks (
    mark bytea NOT NULL,
    purge_after integer NOT NULL
);
ALTER TABLE ONLY public.journal ALTER COLUMN "position" SET DEFAULT nextval('public.journal_position_seq'::regclass);
ALTER TABLE ONLY public.account_slots
    ADD CONSTRAINT account_slots_pkey PRIMARY KEY (slot);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.envelopes
    ADD CONSTRAINT envelopes_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.grants
    ADD CONSTRAINT grants_pkey PRIMARY KEY (code_key);
ALTER TABLE ONLY public.consent_events
    ADD CONSTRAINT pk_consent_events PRIMARY KEY (consent_id, sequence);
ALTER TABLE ONLY public.consent_heads
    ADD CONSTRAINT pk_consent_heads PRIMARY KEY (consent_id);
ALTER TABLE ONLY public.journal
    ADD CONSTRAINT pk_journal PRIMARY KEY ("position");
ALTER TABLE ONLY public.provider_links
    ADD CONSTRAINT provider_links_pkey PRIMARY KEY (link);
ALTER TABLE ONLY public.provider_links
    ADD CONSTRAINT provider_links_row_key UNIQUE ("row");
ALTER TABLE ONLY public.registry_revisions
    ADD CONSTRAINT registry_revisions_pkey PRIMARY KEY (revision);
ALTER TABLE ONLY public.single_use_marks
    ADD CONSTRAINT single_use_marks_pkey PRIMARY KEY (mark);
ALTER TABLE ONLY public.journal
    ADD CONSTRAINT uq_journal_entry_id UNIQUE (entry_id);
CREATE INDEX ix_account_slots_expiry_month ON public.account_slots USING btree (expiry_month);
CREATE INDEX ix_envelopes_purge_after ON public.envelopes USING btree (purge_after);
CREATE INDEX ix_grants_purge_after ON public.grants USING btree (purge_after);
CREATE INDEX ix_provider_links_expiry_month ON public.provider_links USING btree (expiry_month);
CREATE INDEX ix_single_use_marks_purge_after ON public.single_use_marks USING btree (purge_after);

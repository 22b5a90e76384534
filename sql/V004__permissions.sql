-- The closed set of permissions; a test compares it with the code's.
insert into permissions (name) values
    ('agents:read'), ('agents:execute'), ('agents:manage'),
    ('runs:read'), ('runs:manage'),
    ('projects:read'), ('projects:manage'),
    ('workflows:read'), ('workflows:create'), ('workflows:delete'),
    ('approvals:read'), ('approvals:decide'),
    ('departments:read'), ('departments:manage'),
    ('knowledge:read'), ('knowledge:manage'),
    ('models:use'),
    ('schedules:read'), ('schedules:manage'),
    ('webhooks:read'), ('webhooks:manage'),
    ('costs:read'), ('budgets:manage'),
    ('dashboard:read'), ('audit:read'),
    ('users:read'), ('users:manage'),
    ('api_keys:manage'), ('tenants:manage');

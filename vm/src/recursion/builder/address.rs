//! Addresses: every value of a circuit is written once and read any number of times.

/// What a row does at an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Port {
    /// Nothing: the cells are not on the bus.
    #[default]
    Unused,
    /// Reads what another row has written.
    Read(u32),
    /// Writes, once for every read.
    Write(u32),
}

impl Port {
    /// The address; 0 where there is none.
    pub const fn address(self) -> u32 {
        match self {
            Self::Unused => 0,
            Self::Read(address) | Self::Write(address) => address,
        }
    }
}

/// The addresses of one kind, from 1, with what stands at them.
#[derive(Debug)]
pub struct Addresses<T> {
    values: Vec<T>,
    reads: Vec<u32>,
    written: Vec<bool>,
}

impl<T: Copy + Default> Addresses<T> {
    /// Only address 0, which is none: its value fills cells that are not on the bus.
    pub fn new() -> Self {
        Self { values: vec![T::default()], reads: vec![0], written: vec![true] }
    }

    /// A new address for a value that no row has written yet.
    pub fn allocate(&mut self, value: T) -> u32 {
        let address = self.next();
        self.values.push(value);
        self.reads.push(0);
        self.written.push(false);
        address
    }

    /// What stands at an address.
    pub fn value(&self, address: u32) -> T {
        self.values[address as usize]
    }

    /// Number of reads of an address.
    pub fn reads(&self, address: u32) -> u32 {
        self.reads[address as usize]
    }

    /// Whether a row writes the address.
    pub fn is_written(&self, address: u32) -> bool {
        self.written[address as usize]
    }

    /// The address that is given out next.
    pub fn next(&self) -> u32 {
        u32::try_from(self.values.len()).expect("less than 2^32 values fit into memory")
    }

    /// Lets a row read an address.
    pub fn read(&mut self, address: u32) -> Port {
        self.reads[address as usize] += 1;
        Port::Read(address)
    }

    /// Lets a row write an address.
    pub fn write(&mut self, address: u32) -> Port {
        let written = &mut self.written[address as usize];
        assert!(!*written, "address {address} is written twice");
        *written = true;
        Port::Write(address)
    }

    /// Lets a row that can do either hold an address: the first one writes it.
    pub fn hold(&mut self, address: u32) -> Port {
        if self.is_written(address) { self.read(address) } else { self.write(address) }
    }
}
